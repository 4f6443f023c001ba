// One decision about one bucket: its whole state in, everything that shall be written out. The reconciler acts on it; plans
// and explanations ask it too.
import { bucketNameOn } from '../bucket-name.ts'
import { type Placement, placeBucket } from '../placement/placement.ts'
import { type PlacementCluster, zonesAllow } from '../placement/placement-rules.ts'
import type { BucketPolicies } from '../policy/policy.ts'
import type { Reason } from '../reason.ts'
import { type Observed, type ReplicaTaskKind, taskFor } from '../replica/replica-state.ts'
import { decideRoute, type RouteCandidate, type RouteCopy, type RouteOverride } from '../route/route-decision.ts'
import type { RouteTable } from '../route/routing-table.ts'
import { reasonOf, sayTrouble } from '../trouble/say-trouble.ts'
import { masterTroubles } from '../trouble/standing.ts'
import type { MasterStop, StoreProblem, Trouble } from '../trouble/trouble.ts'

export type FleetStore = PlacementCluster['stores'][number] & {
  readonly bucketNameTemplate: string
  /** What a mover suffers of it; null when none does. */
  readonly problem: StoreProblem | null
}
export type FleetCluster = Omit<PlacementCluster, 'stores'> & { readonly stores: readonly FleetStore[] }
export type FleetState = { readonly clusters: readonly FleetCluster[]; readonly classesInUse: ReadonlySet<string> }
export type ReplicaRow = {
  readonly id: string
  readonly storageId: string
  readonly wanted: boolean
  readonly serving: boolean
  /** The last decision found it too stale. */
  readonly stale: boolean
  readonly observed: Observed
  /** Why the last work on the whole copy did not end well. */
  readonly trouble: Trouble | null
  readonly conflicts: number
  /** Age of the oldest change it is known to lack, held deletes included; null when it lacks none. */
  readonly oldestSeconds: number | null
  /** Number of the route that no longer names it; null while wanted. */
  readonly withdrawnNumber: number | null
  /** Seconds since every proxy had ACKed that route; null before. */
  readonly withdrawnSeconds: number | null
}
export type BucketState = {
  readonly id: string
  readonly name: string
  readonly state: 'creating' | 'active' | 'deleting'
  readonly masterStorageId: string
  readonly masterBucketName: string
  readonly masterStop: MasterStop | null
  /** Why the last look at the master did not end well. */
  readonly masterTrouble: Trouble | null
  /** With state deleting: the master's part is done too. */
  readonly masterDone: boolean
  readonly policies: BucketPolicies
  readonly override: RouteOverride | null
  readonly replicas: readonly ReplicaRow[]
  readonly route: { readonly number: number; readonly table: RouteTable | null } | null
  /** Stores where a bucket of this name is in the way. */
  readonly foreignStores: ReadonlySet<string>
  /** Highest route number of this bucket that every proxy that counts has ACKed; null = no proxy counts. */
  readonly ackedThrough: number | null
}

export type ReplicaChange =
  | { readonly kind: 'add'; readonly storageId: string; readonly bucketName: string }
  /** Decided on what was observed: the mover may have begun to delete meanwhile. */
  | { readonly kind: 'want'; readonly id: string; readonly storageId: string; readonly observed: Observed }
  | { readonly kind: 'withdraw'; readonly id: string; readonly storageId: string }
  /** Every proxy agreed: the drain delay begins. */
  | { readonly kind: 'drain'; readonly id: string; readonly storageId: string }
  | {
      readonly kind: 'serve'
      readonly id: string
      readonly storageId: string
      readonly serving: boolean
      readonly stale: boolean
    }
  | { readonly kind: 'remove'; readonly id: string; readonly storageId: string }
export type TaskKind = ReplicaTaskKind | 'master_sweep' | 'master_delete'
export type Decision = {
  readonly placement: Pick<Placement, 'condition' | 'reasons' | 'clusters'>
  readonly candidates: readonly RouteCandidate[]
  readonly changes: readonly ReplicaChange[]
  /** The work that shall stand in the queue; what is there already stays as it is. */
  readonly tasks: readonly { readonly storageId: string; readonly kind: TaskKind }[]
  readonly route: { readonly table: RouteTable | null; readonly overridden: boolean; readonly changed: boolean }
  /** Nothing of the bucket is left: its row goes. */
  readonly gone: boolean
  /** Seconds after which it must be decided again though nothing happens; null = never. */
  readonly againAfter: number | null
}

export const sameTable = (a: RouteTable | null, b: RouteTable | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.lbPolicy === b.lbPolicy &&
    a.timeoutMs === b.timeoutMs &&
    a.clusters.join('\0') === b.clusters.join('\0'))

function clustersFor(bucket: BucketState, fleet: FleetState): readonly FleetCluster[] {
  if (bucket.foreignStores.size === 0) return fleet.clusters
  return fleet.clusters.map((cluster) => ({
    ...cluster,
    stores: cluster.stores.map((store) => ({ ...store, foreignBucket: bucket.foreignStores.has(store.id) })),
  }))
}

/** A proxy's ACK wakes the bucket; this is for one whose lease runs out instead. */
const ackPollSeconds = 1

/** Whether the proxies agree to the route with this number, or a later one of the same bucket. */
const acked = (bucket: BucketState, number: number) => bucket.ackedThrough === null || bucket.ackedThrough >= number

export function decideBucket(bucket: BucketState, fleet: FleetState): Decision {
  const deleting = bucket.state === 'deleting'
  const clusters = clustersFor(bucket, fleet)
  const place = placeBucket({
    masterStorageId: bucket.masterStorageId,
    policies: bucket.policies,
    clusters,
    present: bucket.replicas.map(({ storageId, wanted, observed }) => ({
      storageId,
      wanted,
      complete: observed === 'complete',
    })),
    classesInUse: fleet.classesInUse,
  })
  const wanted = new Set(bucket.state === 'active' ? place.replicas : [])
  const stores = new Map(clusters.flatMap((cluster) => cluster.stores.map((store) => [store.id, { cluster, store }])))

  const copies = [bucket.masterStorageId, ...bucket.replicas.map((replica) => replica.storageId)].flatMap(
    (storageId): RouteCopy[] => {
      const at = stores.get(storageId)
      if (at === undefined) return []
      const replica = bucket.replicas.find((one) => one.storageId === storageId)
      return [
        {
          storageId,
          store: at.store.name,
          storeHealthy: at.store.healthy,
          cluster: at.cluster.name,
          zones: at.cluster.zones,
          functions: at.cluster.functions,
          role: replica === undefined ? 'master' : 'replica',
          wanted: wanted.has(storageId),
          complete: replica?.observed === 'complete',
          conflicts: replica?.conflicts ?? 0,
          oldestSeconds: replica?.oldestSeconds ?? null,
        },
      ]
    },
  )
  const { table, overridden, candidates } = decideRoute({
    deleting: deleting || bucket.state === 'creating',
    policies: bucket.policies,
    override: bucket.override,
    copies,
  })
  const changed = bucket.route === null ? table !== null : !sameTable(bucket.route.table, table)

  const { changes, tasks, againAfter, left } = decideReplicas(bucket, wanted, candidates, changed)
  for (const storageId of wanted) {
    const at = stores.get(storageId)
    if (at === undefined || bucket.replicas.some((replica) => replica.storageId === storageId)) continue
    changes.push({ kind: 'add', storageId, bucketName: bucketNameOn(at.store.bucketNameTemplate, bucket.name) })
    tasks.push({ storageId, kind: 'first_sync' })
  }
  if (bucket.state === 'active') tasks.push({ storageId: bucket.masterStorageId, kind: 'master_sweep' })
  const withdrawn = !changed && (bucket.route === null || acked(bucket, bucket.route.number))
  const masterMayGo = deleting && left === 0 && withdrawn
  if (masterMayGo && !bucket.masterDone) tasks.push({ storageId: bucket.masterStorageId, kind: 'master_delete' })
  return {
    placement: deleting
      ? { condition: 'PLACED', reasons: [deletingReason(bucket)], clusters: [] }
      : { ...place, ...withObservations(bucket, place, clusters) },
    candidates,
    changes,
    tasks,
    route: { table, overridden, changed },
    gone: masterMayGo && bucket.masterDone,
    againAfter: againAfter ?? (deleting && !withdrawn ? ackPollSeconds : null),
  }
}

/** What becomes of the replicas that are there; `left` counts those whose data is not gone yet. */
function decideReplicas(
  bucket: BucketState,
  wanted: ReadonlySet<string>,
  candidates: readonly RouteCandidate[],
  routeChanges: boolean,
) {
  const changes: ReplicaChange[] = []
  const tasks: { storageId: string; kind: TaskKind }[] = []
  const delay = bucket.policies.drain_delay
  let againAfter: number | null = null
  const again = (seconds: number) => {
    againAfter = Math.min(againAfter ?? seconds, seconds)
  }
  let left = 0
  for (const replica of bucket.replicas) {
    const { id, storageId } = replica
    const keep = wanted.has(storageId)
    const candidate = candidates.find((one) => one.storageId === storageId)
    const serving = candidate?.eligible ?? false
    const stale = candidate?.reasons.some((reason) => reason.code === 'TOO_STALE') ?? false
    const serve = () => {
      if (serving !== replica.serving || stale !== replica.stale)
        changes.push({ kind: 'serve', id, storageId, serving, stale })
    }
    if (keep) {
      if (!replica.wanted) changes.push({ kind: 'want', id, storageId, observed: replica.observed })
      serve()
      const kind = taskFor(true, replica.observed, false)
      if (kind !== null) tasks.push({ storageId, kind })
      continue
    }
    if (replica.wanted) {
      changes.push({ kind: 'withdraw', id, storageId })
      serve()
      left++
      again(0)
      continue
    }
    if (replica.observed === 'absent' && replica.withdrawnSeconds !== null) {
      changes.push({ kind: 'remove', id, storageId })
      continue
    }
    left++
    const number = replica.withdrawnNumber
    // Proxies are asked again after the delay: one may have come back with an older route.
    if (routeChanges || number === null || !acked(bucket, number)) again(ackPollSeconds)
    else if (replica.withdrawnSeconds === null) {
      changes.push({ kind: 'drain', id, storageId })
      again(delay)
    } else if (replica.withdrawnSeconds < delay) again(delay - replica.withdrawnSeconds)
    else tasks.push({ storageId, kind: taskFor(false, replica.observed, true) ?? 'evict' })
  }
  return { changes, tasks, againAfter, left }
}

const deletingReason = (bucket: BucketState): Reason => ({
  code: 'DELETING',
  message: `The bucket ${bucket.name} is being deleted`,
})

/** Why the master cannot be read, or may not be trusted. */
function troublesOfMaster(bucket: BucketState, clusters: readonly FleetCluster[]): Reason[] {
  const store = clusters.flatMap((cluster) => cluster.stores).find((one) => one.id === bucket.masterStorageId)
  const standing = masterTroubles({
    store: store?.name ?? '',
    bucket: bucket.masterBucketName,
    stop: lately(bucket.masterStop),
    problem: lately(store?.problem ?? null),
    task: lately(bucket.masterTrouble),
  })
  return standing.map(({ trouble }) => {
    const reason = reasonOf(trouble)
    return bucket.masterStop === null ? { ...reason, code: 'MASTER_UNREADABLE' } : reason
  })
}

const lately = <T>(what: T | null) => (what === null ? null : { what, since: null })

/** Placement as decided, and what stands against it now: failed copies, copies kept where zones forbid them. */
function withObservations(bucket: BucketState, place: Placement, clusters: readonly FleetCluster[]) {
  const reasons: Reason[] = [...place.reasons]
  const troubles = troublesOfMaster(bucket, clusters)
  reasons.push(...troubles)
  let failed = false
  let outside = false
  for (const cluster of clusters)
    for (const store of cluster.stores) {
      const replica = bucket.replicas.find((one) => one.storageId === store.id)
      if (replica === undefined) continue
      if (place.replicas.includes(store.id)) {
        if (replica.observed !== 'failed') continue
        failed = true
        const why = replica.trouble === null ? '' : `: ${sayTrouble(replica.trouble)}`
        reasons.push({ code: 'COPY_FAILED', message: `The copy on ${store.name} failed${why}`, store: store.name })
      } else if (!zonesAllow(bucket.policies.zones, cluster) && replica.trouble !== null) {
        outside = true
        const message = `Data is still on ${store.name}: ${sayTrouble(replica.trouble)}`
        reasons.push({ code: 'RESIDENCY_VIOLATION', message, store: store.name })
      }
    }
  const worse = place.condition === 'PLACED' && (failed || outside || troubles.length > 0)
  return { condition: worse ? ('DEGRADED' as const) : place.condition, reasons }
}
