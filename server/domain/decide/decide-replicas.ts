// What becomes of the replicas that are there (I4: withdraw the route, every proxy ACKs, the drain delay, then the data).
import { taskFor } from '../replica/replica-state.ts'
import type { RouteCandidate } from '../route/route-decision.ts'
import type { BucketState, ReplicaRow } from './bucket-state.ts'
import type { ReplicaChange, WantedTask } from './decision.ts'

/** A proxy's ACK wakes the bucket; this is for one whose lease runs out instead. */
export const ackPollSeconds = 1

/** Whether the proxies agree to the route with this number, or a later one of the same bucket. */
export const acked = (bucket: BucketState, number: number): boolean =>
  bucket.ackedThrough === null || bucket.ackedThrough >= number

/** What is decided of one replica. */
type Step = {
  readonly changes: readonly ReplicaChange[]
  readonly task?: WantedTask
  /** Its data is not gone yet. */
  readonly left: boolean
  /** Seconds after which it must be decided again. */
  readonly again?: number
}

export type ReplicaDecisions = {
  readonly changes: readonly ReplicaChange[]
  readonly tasks: readonly WantedTask[]
  /** Replicas that are on their way out and whose data is not gone yet. */
  readonly left: number
  /** Seconds; null = never. */
  readonly againAfter: number | null
}

export function decideReplicas(
  bucket: BucketState,
  wanted: ReadonlySet<string>,
  candidates: readonly RouteCandidate[],
  routeChanges: boolean,
): ReplicaDecisions {
  const steps = bucket.replicas.map((replica): Step => {
    const candidate = candidates.find((one) => one.storageId === replica.storageId)
    if (wanted.has(replica.storageId)) return keep(replica, candidate)
    return replica.wanted ? withdraw(bucket, replica, routeChanges) : leave(bucket, replica, routeChanges)
  })
  const waits = steps.flatMap((step) => step.again ?? [])
  return {
    changes: steps.flatMap((step) => step.changes),
    tasks: steps.flatMap((step) => step.task ?? []),
    left: steps.filter((step) => step.left).length,
    againAfter: waits.length === 0 ? null : Math.min(...waits),
  }
}

/** Whether it may serve, where that is other than it was. */
function serve(replica: ReplicaRow, candidate: RouteCandidate | undefined): ReplicaChange[] {
  const { id, storageId } = replica
  const serving = candidate?.eligible ?? false
  const stale = candidate?.reasons.some((reason) => reason.code === 'TOO_STALE') ?? false
  if (serving === replica.serving && stale === replica.stale) return []
  return [{ kind: 'serve', id, storageId, serving, stale }]
}

function keep(replica: ReplicaRow, candidate: RouteCandidate | undefined): Step {
  const { id, storageId, observed } = replica
  const want: ReplicaChange[] = replica.wanted ? [] : [{ kind: 'want', id, storageId, observed }]
  const kind = taskFor(true, observed, false)
  const changes = [...want, ...serve(replica, candidate)]
  return { changes, left: false, ...(kind === null ? {} : { task: { storageId, kind } }) }
}

/** It serves no more. Where a route changes there is nothing to decide before proxies agree to it. */
function withdraw(bucket: BucketState, { id, storageId }: ReplicaRow, routeChanges: boolean): Step {
  const again = routeChanges && bucket.ackedThrough !== null ? ackPollSeconds : 0
  return { changes: [{ kind: 'withdraw', id, storageId }], left: true, again }
}

/** It was withdrawn before: drained, then evicted, or let go with its data, then forgotten. */
function leave(bucket: BucketState, replica: ReplicaRow, routeChanges: boolean): Step {
  const { id, storageId, observed, released, withdrawnNumber, withdrawnSeconds } = replica
  const delay = bucket.policies.drain_delay
  if (observed === 'absent' && withdrawnSeconds !== null)
    return { changes: [{ kind: 'remove', id, storageId }], left: false }
  // Proxies are asked again after the delay: one may have come back with an older route.
  if (routeChanges || withdrawnNumber === null || !acked(bucket, withdrawnNumber))
    return { changes: [], left: true, again: ackPollSeconds }
  if (withdrawnSeconds === null) return { changes: [{ kind: 'drain', id, storageId }], left: true, again: delay }
  if (withdrawnSeconds < delay) return { changes: [], left: true, again: delay - withdrawnSeconds }
  const kind = released ? 'release' : (taskFor(false, observed, true) ?? 'evict')
  return { changes: [], left: true, task: { storageId, kind } }
}
