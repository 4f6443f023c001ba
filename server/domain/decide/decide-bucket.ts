// One decision about one bucket: its whole state in, everything that shall be out. The reconciler acts on it; plans and
// explanations ask it too.

import { bucketNameOn } from '../bucket-name.ts'
import { placeBucket } from '../placement/place-bucket.ts'
import type { PresentCopy } from '../placement/placement-rules.ts'
import type { Reason } from '../reason.ts'
import type { RouteCopy } from '../route/copy-rules.ts'
import { decideRoute } from '../route/route-decision.ts'
import { sameTable } from '../route/routing-table.ts'
import { sayTrouble } from '../trouble/say-trouble.ts'
import type { BucketState, FleetCluster, FleetState, FleetStore } from './bucket-state.ts'
import { acked, ackPollSeconds, decideReplicas } from './decide-replicas.ts'
import type { Decision, ReplicaChange, WantedTask } from './decision.ts'
import { withObservations } from './observations.ts'

export function decideBucket(bucket: BucketState, fleet: FleetState): Decision {
  const deleting = bucket.state === 'deleting'
  const clusters = clustersFor(bucket, fleet)
  const stores = placesOf(clusters)
  const place = placeBucket({
    masterStorageId: bucket.masterStorageId,
    policies: bucket.policies,
    clusters,
    present: presentCopies(bucket),
    classesInUse: fleet.classesInUse,
  })
  const wanted = new Set(bucket.state === 'active' ? place.replicas : [])
  const { table, overridden, candidates } = decideRoute({
    hidden: deleting || bucket.state === 'creating',
    policies: bucket.policies,
    override: bucket.override,
    copies: copiesOf(bucket, wanted, stores),
    callers: fleet.callers,
  })
  const changed = bucket.route === null ? table !== null : !sameTable(bucket.route.table, table)
  const withdrawn = !changed && (bucket.route === null || acked(bucket, bucket.route.number))
  const present = decideReplicas(bucket, wanted, candidates, changed)
  const added = addCopies(bucket, wanted, stores)
  const masterMayGo = deleting && present.left === 0 && withdrawn
  return {
    placement: deleting
      ? { condition: 'PLACED', reasons: [deletingReason(bucket)], clusters: [] }
      : { ...place, ...withObservations(bucket, place, clusters) },
    candidates,
    changes: [...present.changes, ...added.changes],
    tasks: [...present.tasks, ...added.tasks, ...masterTasks(bucket, masterMayGo)],
    route: { table, overridden, changed },
    gone: masterMayGo && bucket.masterDone,
    againAfter: present.againAfter ?? (deleting && !withdrawn ? ackPollSeconds : null),
  }
}

/** What lies on a store already comes before what would have to be copied there. */
function presentCopies({ replicas, takeovers }: BucketState): PresentCopy[] {
  const known = replicas.map(({ storageId, wanted, observed }) => ({
    storageId,
    wanted,
    complete: observed === 'complete',
  }))
  const given = takeovers.filter(({ storageId }) => !known.some((copy) => copy.storageId === storageId))
  return [...known, ...given.map(({ storageId }) => ({ storageId, wanted: true, complete: false }))]
}

type Places = ReadonlyMap<string, { readonly cluster: FleetCluster; readonly store: FleetStore }>

const placesOf = (clusters: readonly FleetCluster[]): Places =>
  new Map(clusters.flatMap((cluster) => cluster.stores.map((store) => [store.id, { cluster, store }])))

/** The fleet as this bucket meets it: where its name is taken by others, or by a copy of its own that was let go. */
function clustersFor(bucket: BucketState, fleet: FleetState): readonly FleetCluster[] {
  const taken = new Set(bucket.foreignStores)
  for (const { storageId } of bucket.takeovers) taken.delete(storageId)
  for (const { storageId, released } of bucket.replicas) if (released) taken.add(storageId)
  if (taken.size === 0) return fleet.clusters
  return fleet.clusters.map((cluster) => ({
    ...cluster,
    stores: cluster.stores.map((store) => ({ ...store, foreignBucket: taken.has(store.id) })),
  }))
}

/** The master and each replica, with what decides whether it may serve. */
function copiesOf(bucket: BucketState, wanted: ReadonlySet<string>, stores: Places): RouteCopy[] {
  const ids = [bucket.masterStorageId, ...bucket.replicas.map((replica) => replica.storageId)]
  return ids.flatMap((storageId): RouteCopy[] => {
    const at = stores.get(storageId)
    if (at === undefined) return []
    const replica = bucket.replicas.find((one) => one.storageId === storageId)
    return [
      {
        storageId,
        store: at.store.name,
        storeHealthy: at.store.healthy,
        storeReturning: at.store.returning,
        inRoute: bucket.route?.table?.clusters.includes(at.cluster.name) ?? false,
        cluster: at.cluster.name,
        zones: at.cluster.zones,
        functions: at.cluster.functions,
        functionsAnswer: at.cluster.functionsAnswer,
        role: replica === undefined ? 'master' : 'replica',
        stop: replica === undefined ? bucket.masterStop : null,
        wanted: wanted.has(storageId),
        complete: replica?.observed === 'complete',
        conflicts: replica?.conflicts ?? 0,
        oldestSeconds: replica?.oldestSeconds ?? null,
      },
    ]
  })
}

/** Copies that are wanted and not there. */
function addCopies(bucket: BucketState, wanted: ReadonlySet<string>, stores: Places) {
  const changes: ReplicaChange[] = []
  const tasks: WantedTask[] = []
  for (const storageId of wanted) {
    const at = stores.get(storageId)
    if (at === undefined || bucket.replicas.some((replica) => replica.storageId === storageId)) continue
    const given = bucket.takeovers.find((takeover) => takeover.storageId === storageId)
    const bucketName = given?.bucketName ?? bucketNameOn(at.store.bucketNameTemplate, bucket.name)
    changes.push({ kind: 'add', storageId, bucketName })
    tasks.push({ storageId, kind: 'first_sync' })
  }
  return { changes, tasks }
}

function masterTasks(bucket: BucketState, mayGo: boolean): WantedTask[] {
  const { state, masterStorageId: storageId, masterChoice, masterDone } = bucket
  if (state === 'active') return [{ storageId, kind: masterChoice === 'rebuild' ? 'master_rebuild' : 'master_sweep' }]
  return mayGo && !masterDone ? [{ storageId, kind: 'master_delete' }] : []
}

function deletingReason({ name, masterTask, masterTrouble }: BucketState): Reason {
  const why = masterTask === 'master_delete' && masterTrouble !== null ? `: ${sayTrouble(masterTrouble)}` : ''
  return { code: 'DELETING', message: `The bucket ${name} is being deleted${why}` }
}
