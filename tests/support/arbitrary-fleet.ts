// Random fleets and buckets for property tests, small enough to meet the interesting cases often.
import fc from 'fast-check'
import type { BucketState, FleetCluster, FleetState, ReplicaRow } from '../../server/domain/decide/bucket-state.ts'
import { bucketPolicies } from '../../server/domain/policy/effective.ts'
import type { Observed } from '../../server/domain/replica/replica-state.ts'
import type { Trouble } from '../../server/domain/trouble/trouble.ts'

const zoneNames = ['eu', 'us', 'edge']
const observed: readonly Observed[] = ['absent', 'creating', 'syncing', 'complete', 'failed', 'deleting']

const cluster = (index: number): fc.Arbitrary<FleetCluster> =>
  fc.record({
    name: fc.constant(`c${index}`),
    zones: fc.subarray(zoneNames),
    state: fc.constantFrom('active', 'active', 'active', 'cordoned', 'deleting'),
    functions: fc.integer({ min: 0, max: 2 }),
    functionsAnswer: fc.boolean(),
    stores: fc
      .array(
        fc.record({
          active: fc.boolean(),
          healthy: fc.boolean(),
          returning: fc.boolean(),
          problem: fc.constantFrom(null, null, 'timeout' as const),
          foreignBucket: fc.boolean(),
        }),
        {
          maxLength: 2,
        },
      )
      .map((stores) =>
        stores.map((store, i) => ({
          ...store,
          returning: store.healthy && store.returning,
          id: `c${index}-s${i}`,
          name: `c${index}-s${i}`,
          bucketNameTemplate: '{bucket}',
        })),
      ),
  })

/** Cluster c0 always has the healthy store that holds the master. */
const fleets: fc.Arbitrary<FleetState> = fc
  .integer({ min: 1, max: 5 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, i) => cluster(i))))
  .map(([first, ...rest]) => {
    const master = {
      id: 'm',
      name: 'm',
      active: true,
      healthy: true,
      returning: false,
      problem: null,
      foreignBucket: false,
      bucketNameTemplate: '{bucket}',
    }
    const clusters =
      first === undefined ? [] : [{ ...first, state: 'active' as const, stores: [...first.stores, master] }, ...rest]
    return { clusters, classesInUse: [], callers: new Map<string, string>() }
  })

const storeIds = (fleet: FleetState) =>
  fleet.clusters.flatMap((one) => one.stores.map((store) => store.id)).filter((id) => id !== 'm')

const unlisted: Trouble = { kind: 'call', store: 'm', error: 'access-denied', detail: 'not allowed' }

const replica = (storageId: string): fc.Arbitrary<ReplicaRow> =>
  fc
    .record({
      wanted: fc.boolean(),
      serving: fc.boolean(),
      stale: fc.boolean(),
      observed: fc.constantFrom(...observed),
      released: fc.constantFrom(false, false, false, true),
      task: fc.constantFrom(null, 'first_sync', 'sweep', 'evict', 'release'),
      trouble: fc.constantFrom(null, unlisted),
      conflicts: fc.constantFrom(0, 0, 1),
      oldestSeconds: fc.constantFrom(null, null, 1, 1000),
      withdrawnNumber: fc.constantFrom(1, 5),
      withdrawnSeconds: fc.constantFrom(null, 0, 100),
    })
    .map((row) => ({
      ...row,
      id: `r-${storageId}`,
      storageId,
      withdrawnNumber: row.wanted ? null : row.withdrawnNumber,
      withdrawnSeconds: row.wanted ? null : row.withdrawnSeconds,
    }))

/** A bucket in any state that the tables allow, however it came there. */
function bucketsOf(fleet: FleetState): fc.Arbitrary<BucketState> {
  const policies = fc
    .record({
      zones: fc.subarray(zoneNames),
      target_replica_count: fc.integer({ min: 0, max: 4 }),
      replica_locations: fc.option(fc.subarray(storeIds(fleet)), { freq: 2 }),
      drain_delay: fc.constantFrom(0, 10),
      lb_policy: fc.constantFrom('round_robin', 'first', 'first'),
    })
    .map((bucket) => bucketPolicies({ bucket }))
  const replicas: fc.Arbitrary<readonly ReplicaRow[]> = fc
    .subarray(storeIds(fleet))
    .chain((ids) => fc.tuple(...ids.map(replica)))
  return fc.record({
    id: fc.constant('b'),
    name: fc.constant('photos'),
    state: fc.constantFrom('active', 'active', 'active', 'deleting'),
    masterStorageId: fc.constant('m'),
    masterBucketName: fc.constant('photos'),
    masterStop: fc.constantFrom(null, null, 'missing' as const, 'replaced' as const, 'regressed' as const),
    masterChoice: fc.constantFrom(null, null, 'rebuild' as const, 'accept' as const),
    masterTask: fc.constantFrom(null, 'master_sweep' as const, 'master_delete' as const),
    masterTrouble: fc.constantFrom(null, null, unlisted),
    masterDone: fc.boolean(),
    policies,
    override: fc.option(
      fc.record({
        lbPolicy: fc.constantFrom(null, null, 'first' as const, 'random' as const),
        clusters: fc.option(fc.shuffledSubarray(fleet.clusters.map((one) => one.name))),
      }),
      { freq: 2 },
    ),
    replicas,
    route: fc.constantFrom<BucketState['route'][]>(null, { number: 3, table: null }),
    takeovers: fc
      .subarray(storeIds(fleet).filter((id) => id.endsWith('-s0') && !id.startsWith('c0')))
      .map((ids) => ids.map((storageId) => ({ storageId, bucketName: 'there-already' }))),
    foreignStores: fc.subarray(storeIds(fleet)).map((ids): ReadonlySet<string> => new Set(ids)),
    ackedThrough: fc.constantFrom(null, 0, 2, 7),
  })
}

export const fleetsWithBucket = fleets.chain((fleet) => bucketsOf(fleet).map((bucket) => ({ fleet, bucket })))
