import { expect, test } from 'vitest'
import { replicaCause, storeTrouble, storeTroubleSentences } from '../../../../../server/replication/report/causes.ts'

const nothing = { store: 'edge', conflicts: [], braked: 0, failedKeys: 0, keyCause: null }

test('nothing wrong has no cause', () => {
  expect(replicaCause(nothing)).toBeNull()
})

test('a cause names the store, counts, and shows a few names', () => {
  const conflicts = [
    { kind: 'changed' as const, count: 1, keys: ['x'] },
    { kind: 'foreign' as const, count: 5, keys: ['a.txt', 'b', 'c', 'd'] },
  ]
  expect(replicaCause({ ...nothing, conflicts, braked: 120 })).toBe(
    '1 object on edge has been changed since FaDO wrote it: x. ' +
      '5 objects in the way on edge were not written by FaDO: a.txt, b, c and 2 more. ' +
      'The delete brake holds 120 deletes on edge until a resync allows deletes',
  )
})

test('what single keys fail at is told with their number', () => {
  expect(replicaCause({ ...nothing, failedKeys: 2, keyCause: 'The store is full' })).toBe(
    '2 objects cannot be copied to edge now: The store is full',
  )
})

test('each sentence about a store in trouble is one of those that are taken back when it is well', () => {
  for (const kind of ['unreachable', 'timeout', 'signature', 'server-error'] as const)
    expect(storeTroubleSentences('edge')).toContain(storeTrouble('edge', kind))
})
