import { expect, test } from 'vitest'
import type { ReplicaRecord } from '../../../../../server/db/catalogue/replicas.ts'
import type { Trouble } from '../../../../../server/domain/trouble/trouble.ts'
import { viewReplica } from '../../../../../server/services/catalogue/replica-view.ts'

const stored: ReplicaRecord = {
  id: 'r',
  bucketId: 'b',
  storageId: 's',
  bucketName: 'photos',
  wanted: true,
  serving: true,
  observed: 'complete',
  released: false,
  verifiedAt: null,
  comparedSince: null,
  versioning: null,
  conflicts: 0,
  braked: 0,
  lagObjects: 0,
  lagBytes: 0,
  oldestSeconds: null,
  oldestSince: null,
  keysTrouble: null,
  task: 'sweep',
  trouble: null,
  troubleSince: null,
  brakedSince: null,
  sourceStorageId: 'm',
  sourceStore: 'hpc',
  sourceWhy: 'MASTER_ONLY',
  storeName: 'edge',
  problem: null,
  problemSince: null,
  masterStore: 'hpc',
  masterBucketName: 'photos',
  masterStop: null,
  masterStopSince: null,
  masterProblem: null,
  masterProblemSince: null,
  masterTrouble: null,
  masterTroubleSince: null,
  phase: null,
  objectsDone: null,
  objectsTotal: null,
  bytesDone: null,
  bytesTotal: null,
  bytesPerSecond: null,
}

test('a replica without anything wrong has no cause, no lag and no progress', () => {
  expect(viewReplica(stored)).toMatchObject({
    state: 'IN_SYNC',
    causes: [],
    progress: null,
    lag: { objects: 0, bytes: 0, oldestSeconds: 0 },
  })
})

const at = Date.parse('2026-01-02T03:04:05Z')
const full: Trouble = { kind: 'call', store: 'edge', error: 'quota', detail: 'The store is full' }
const samples = { conflicts: [{ kind: 'foreign' as const, count: 1, keys: ['x'] }], failing: null }
const stopped = { masterStop: 'replaced' as const, masterStopSince: at }

test.each<[string, Partial<ReplicaRecord>, string[]]>([
  [
    'a stopped master explains all else',
    { ...stopped, problem: 'timeout', lagObjects: 1, braked: 2 },
    ['MASTER_REPLACED'],
  ],
  [
    'but not a copy that is being taken away',
    { ...stopped, wanted: false, task: 'evict', trouble: full },
    ['CALL_FAILED'],
  ],
  ['nothing of a sweep holds up a copy that is being taken away', { wanted: false, trouble: full }, []],
  ['and nothing of an eviction one that is wanted again', { task: 'evict', trouble: full }, []],
  ['but an eviction that has begun', { observed: 'deleting', task: 'evict', trouble: full }, ['CALL_FAILED']],
  [
    'a store that is down explains what waits for it',
    { problem: 'unreachable', lagObjects: 1, trouble: full },
    ['STORE_UNREACHABLE'],
  ],
  ['and nothing where nothing waits', { problem: 'unreachable' }, []],
  [
    "the copy's own troubles stand side by side",
    { trouble: full, keysTrouble: samples, braked: 12 },
    ['CALL_FAILED', 'FOREIGN_OBJECTS', 'DELETES_BRAKED'],
  ],
  [
    "the master's are told where there are none",
    { masterProblem: 'signature', masterTrouble: full },
    ['STORE_REFUSES_KEY'],
  ],
  ['its own come first', { masterProblem: 'signature', braked: 1 }, ['DELETES_BRAKED']],
])('of what holds a copy up %s', (_what, change, codes) => {
  expect(viewReplica({ ...stored, ...change }).causes.map((cause) => cause.code)).toEqual(codes)
})

test('a cause has its names and since when it is so beside its sentence', () => {
  expect(viewReplica({ ...stored, ...stopped }).causes).toEqual([
    {
      code: 'MASTER_REPLACED',
      message:
        'Master bucket replaced: the bucket photos on hpc is not the one that FaDO knows; nothing is copied or deleted, and no calls go there',
      store: 'hpc',
      since: new Date(at),
    },
  ])
})
