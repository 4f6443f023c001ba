import { expect, test } from 'vitest'
import type { ReplicaRecord } from '../../../../../server/db/catalogue/replicas.ts'
import { viewReplica } from '../../../../../server/services/catalogue/replica-view.ts'

const stored: ReplicaRecord = {
  id: 'r',
  bucketId: 'b',
  storageId: 's',
  bucketName: 'photos',
  wanted: true,
  serving: true,
  observed: 'complete',
  cause: null,
  verifiedAt: null,
  conflicts: 0,
  braked: 0,
  lagObjects: 0,
  lagBytes: 0,
  oldestSeconds: null,
  masterCause: null,
  masterCauseSince: null,
  phase: null,
  objectsDone: null,
  objectsTotal: null,
  bytesDone: null,
  bytesTotal: null,
  bytesPerSecond: null,
}
const running = {
  phase: 'copying',
  objectsDone: 1,
  objectsTotal: 2,
  bytesDone: 10,
  bytesTotal: 110,
  bytesPerSecond: 50,
}

test('a replica without anything wrong has no cause, no lag and no progress', () => {
  expect(viewReplica(stored)).toMatchObject({
    state: 'IN_SYNC',
    cause: null,
    progress: null,
    lag: { objects: 0, bytes: 0, oldestSeconds: 0 },
  })
})

test.each([
  ["the mover's own words come first", { cause: 'disk full', braked: 1 }, /^disk full$/],
  ['held deletes say how many and how to let them go', { braked: 12 }, /^12 deletes .*allowDeletes/],
  ['objects in the way say how many', { conflicts: 1 }, /^1 object in the way.*OVERWRITE/],
  [
    'a master that cannot be read says since when',
    { masterCause: 'refused', masterCauseSince: new Date('2026-01-02T03:04:05Z') },
    /since 2026-01-02T03:04:05\.000Z: refused$/,
  ],
])('%s', (_what, change, cause) => {
  expect(viewReplica({ ...stored, ...change }).cause).toMatch(cause)
})

test('the time that is left follows from what is left and how fast it goes, and is unknown while nothing moves', () => {
  const eta = (change: Partial<ReplicaRecord>) => viewReplica({ ...stored, ...running, ...change }).progress?.etaSeconds
  expect(eta({})).toBe(2)
  expect(eta({ bytesPerSecond: null })).toBeNull()
  expect(eta({ bytesPerSecond: 0 })).toBeNull()
  expect(eta({ bytesDone: 110 })).toBe(0)
})
