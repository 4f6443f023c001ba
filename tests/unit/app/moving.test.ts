import { expect, test } from 'vitest'
import type { LiveReplica } from '../../../app/_lib/attention-item.ts'
import { isMoving, isStuck, speedOf } from '../../../app/_lib/moving.ts'
import { progress, replica } from './fixtures.ts'

const live = (state: LiveReplica['state'], objects: number, bytesPerSecond: number | null): LiveReplica => ({
  ...replica('edge', { state, lag: { objects, bytes: 0, heldDeletes: 0, oldestSince: null, oldestSeconds: objects } }),
  bucket: { id: 'b', name: 'photos', stats: null },
  progress: { ...progress(1, 1), bytesPerSecond },
})

test('what is not moving has no speed: figures of a run that has ended stay until the next', () => {
  const all = [
    live('SYNCING', 0, 1_000),
    live('LAGGING', 3, 200),
    live('LAGGING', 0, 384_000), // held, or done: nothing is left to move
    live('FAILED', 3, 384_000),
    live('DELETING', 0, 384_000),
    live('PENDING', 0, null),
  ]
  const moving = all.filter(isMoving)
  expect(moving.map(({ state }) => state)).toEqual(['SYNCING', 'LAGGING', 'PENDING'])
  expect(speedOf(moving)).toBe(1_200)
  expect(all.filter(isStuck).map(({ state }) => state)).toEqual(['LAGGING', 'FAILED'])
})
