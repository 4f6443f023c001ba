import { expect, test } from 'vitest'
import type { BucketState, FleetState, ReplicaRow } from '../../../../server/domain/decide/bucket-state.ts'
import { decideBucket } from '../../../../server/domain/decide/decide-bucket.ts'
import { bucketPolicies } from '../../../../server/domain/policy/effective.ts'
import type { Trouble } from '../../../../server/domain/trouble/trouble.ts'

const store = (name: string) => ({
  name,
  zones: [],
  state: 'active' as const,
  functions: 1,
  functionsAnswer: true,
  stores: [
    {
      id: `${name}-id`,
      name,
      active: true,
      healthy: true,
      returning: false,
      problem: null,
      foreignBucket: false,
      bucketNameTemplate: '{bucket}',
    },
  ],
})
const fleet: FleetState = { clusters: [store('hpc'), store('edge')], classesInUse: [], callers: new Map() }
const replica: ReplicaRow = {
  id: 'r',
  storageId: 'edge-id',
  wanted: false,
  serving: false,
  stale: false,
  observed: 'complete',
  released: false,
  task: null,
  trouble: null,
  conflicts: 0,
  oldestSeconds: null,
  withdrawnNumber: 3,
  withdrawnSeconds: 100,
}
/** A bucket that is being deleted; every proxy has agreed that it has no route. */
const deleting: BucketState = {
  id: 'b',
  name: 'photos',
  state: 'deleting',
  masterStorageId: 'hpc-id',
  masterBucketName: 'photos',
  masterStop: null,
  masterChoice: null,
  masterTask: null,
  masterTrouble: null,
  masterDone: false,
  policies: bucketPolicies({}),
  override: null,
  replicas: [],
  takeovers: [],
  route: { number: 3, table: null },
  foreignStores: new Set(),
  ackedThrough: 3,
}
const tasks = (change: Partial<BucketState>) =>
  decideBucket({ ...deleting, ...change }, fleet).tasks.map((task) => `${task.kind} ${task.storageId}`)

test("a deleted bucket's master goes last: after every replica, and after every proxy agreed that it has no route", () => {
  expect(tasks({})).toEqual(['master_delete hpc-id'])
  expect(tasks({ replicas: [replica] })).toEqual(['evict edge-id'])
  expect(tasks({ replicas: [{ ...replica, wanted: true }] })).toEqual([])
  expect(tasks({ ackedThrough: 2 })).toEqual([])
  expect(tasks({ route: { number: 3, table: { clusters: ['hpc'], lbPolicy: 'random', timeoutMs: 1 } } })).toEqual([])
  expect(tasks({ replicas: [{ ...replica, observed: 'absent' }] })).toEqual(['master_delete hpc-id'])
})

test('a copy that leaves a route is decided again when proxies may have agreed, and at once where none counts', () => {
  const policies = bucketPolicies({ global: { target_replica_count: 0 } })
  const table = { clusters: ['edge', 'hpc'], lbPolicy: 'random', timeoutMs: 1 } as const
  const leaving: Partial<BucketState> = {
    ...{ state: 'active', policies, replicas: [{ ...replica, wanted: true, serving: true }] },
    route: { number: 3, table },
  }
  const decided = (ackedThrough: number | null) => decideBucket({ ...deleting, ...leaving, ackedThrough }, fleet)
  expect(decided(3)).toMatchObject({ changes: [{ kind: 'withdraw', id: 'r' }], againAfter: 1 })
  expect(decided(null)).toMatchObject({ changes: [{ kind: 'withdraw', id: 'r' }], againAfter: 0 })
})

test('its row goes when the master is done too', () => {
  const gone = (change: Partial<BucketState>) => decideBucket({ ...deleting, ...change }, fleet).gone
  expect(gone({})).toBe(false)
  expect(gone({ masterDone: true })).toBe(true)
  expect(gone({ masterDone: true, replicas: [replica] })).toBe(false)
  expect(gone({ masterDone: true, ackedThrough: 2 })).toBe(false)
})

test('a copy that stays where zones forbid it is a violation with its cause, and no bucket that has one is placed', () => {
  const zoned = {
    ...fleet,
    clusters: fleet.clusters.map((one) => (one.name === 'hpc' ? { ...one, zones: ['de'] } : one)),
  }
  const bucket: BucketState = {
    ...deleting,
    state: 'active',
    policies: bucketPolicies({ bucket: { zones: ['de'] } }),
    replicas: [
      {
        ...replica,
        task: 'evict',
        trouble: { kind: 'last_copy', store: 'edge', doubt: { because: 'not_listed', master: 'hpc' } },
      },
    ],
  }
  expect(decideBucket(bucket, zoned).placement).toMatchObject({
    condition: 'DEGRADED',
    reasons: [{ code: 'RESIDENCY_VIOLATION', store: 'edge' }],
  })
  const going = { ...bucket, replicas: [replica] }
  expect(decideBucket(going, zoned).placement).toMatchObject({ condition: 'PLACED', reasons: [] })
})

const failed: Trouble = { kind: 'call', store: 'edge', error: 'quota', detail: 'The store is full' }

test('what earlier work suffered is no reason of what is decided now', () => {
  const zones = { policies: bucketPolicies({ bucket: { zones: ['de'] } }) }
  const zoned = { ...fleet, clusters: fleet.clusters.map((one, i) => (i === 0 ? { ...one, zones: ['de'] } : one)) }
  const before: ReplicaRow = { ...replica, observed: 'failed', task: 'first_sync', trouble: failed }
  const reasons = (row: ReplicaRow, change: Partial<BucketState> = {}, where: FleetState = zoned) =>
    decideBucket({ ...deleting, state: 'active', replicas: [row], ...change }, where).placement.reasons
  // Withdrawn, and then until its eviction begins.
  expect(reasons({ ...before, wanted: true }, zones)).toEqual([])
  expect(reasons(before, zones)).toEqual([])
  expect(reasons({ ...before, task: 'evict' }, zones)).toMatchObject([{ code: 'RESIDENCY_VIOLATION' }])
  // Wanted again before its eviction began.
  const one = { policies: bucketPolicies({ bucket: { target_replica_count: 1 } }) }
  expect(reasons({ ...before, task: 'evict' }, one, fleet)).toMatchObject([{ message: 'The copy on edge failed' }])
  expect(reasons(before, one, fleet)).toMatchObject([{ message: 'The copy on edge failed: edge: The store is full' }])
  // A last look at the master that failed says nothing of its deletion.
  const master = { state: 'deleting', masterTrouble: failed } as const
  const being = 'The bucket photos is being deleted'
  expect(reasons(replica, { ...master, masterTask: 'master_sweep' })).toMatchObject([{ message: being }])
  expect(reasons(replica, { ...master, masterTask: 'master_delete' })).toMatchObject([
    { message: `${being}: edge: The store is full` },
  ])
})

test.each<[string, Partial<BucketState>]>([
  ['is missing', { masterStop: 'missing' }],
  ['is another one', { masterStop: 'replaced' }],
  ['went backwards', { masterStop: 'regressed' }],
])('a bucket whose master %s is DEGRADED though all its copies are placed, and says so', (_, change) => {
  const active: BucketState = { ...deleting, state: 'active', route: null }
  expect(decideBucket(active, fleet).placement).toMatchObject({ condition: 'PLACED' })
  const { condition, reasons } = decideBucket({ ...active, ...change }, fleet).placement
  expect(condition).toBe('DEGRADED')
  expect(reasons).toContainEqual(expect.objectContaining({ code: expect.stringContaining('MASTER_') }))
})

test('a bucket on a store that movers cannot read is DEGRADED by MASTER_UNREADABLE', () => {
  const [hpc, edge] = fleet.clusters
  const stores = hpc?.stores.map((one) => ({ ...one, problem: 'timeout' as const })) ?? []
  const suffering = { ...fleet, clusters: [{ ...hpc, stores }, edge] } as FleetState
  const { condition, reasons } = decideBucket({ ...deleting, state: 'active', route: null }, suffering).placement
  expect(condition).toBe('DEGRADED')
  expect(reasons).toContainEqual(expect.objectContaining({ code: 'MASTER_UNREADABLE' }))
})
