// What is kept of a decision, to say later why calls went where they did: what it was made from, and what it says of each cluster.
import type { BucketPolicies } from '../policy/definitions.ts'
import type { Reason, ReasonCode } from '../reason.ts'
import { leavesOut, noFunctions, overridden, type RouteOverride } from '../route/route-decision.ts'
import type { BucketState, FleetCluster, FleetState } from './bucket-state.ts'
import type { Decision } from './decision.ts'

const kept = ['zones', 'target_replica_count', 'replica_locations', 'max_staleness', 'lb_policy'] as const

/** Calls may go to a cluster that has no reasons. */
export type ClusterVerdict = { readonly cluster: string; readonly reasons: readonly Reason[] }

/** Nothing in it is particular to a bucket that is decided as many are: those share one. */
export type KeptDecision = {
  readonly policies: Pick<BucketPolicies, (typeof kept)[number]>
  readonly override: RouteOverride | null
  /** Every cluster of the fleet, by name. */
  readonly clusters: readonly ClusterVerdict[]
}

export function keptDecision(bucket: BucketState, fleet: FleetState, decision: Decision): KeptDecision {
  return {
    policies: Object.fromEntries(kept.map((name) => [name, bucket.policies[name]])) as KeptDecision['policies'],
    override: bucket.override,
    clusters: fleet.clusters.map((cluster) => ({
      cluster: cluster.name,
      reasons: decision.route.table === null ? [hidden(bucket)] : reasonsOf(cluster, bucket, decision),
    })),
  }
}

const hidden = ({ state }: BucketState): Reason =>
  state === 'deleting'
    ? { code: 'DELETING', message: 'The bucket is being deleted' }
    : { code: 'WITHDRAWN', message: 'The bucket is not made yet' }

function reasonsOf({ name, functions }: FleetCluster, { override }: BucketState, decision: Decision): Reason[] {
  const copies = decision.candidates.filter((candidate) => candidate.cluster === name)
  if (copies.some((copy) => copy.eligible)) return []
  if (copies.length > 0) return distinct(copies.flatMap((copy) => copy.reasons))
  return [
    noCopy(name, decision),
    ...(functions === 0 ? [noFunctions(name)] : []),
    ...(leavesOut(override, name) ? [overridden(name)] : []),
  ]
}

/** Two copies may be in the way of a cluster for the same cause. */
const distinct = (reasons: readonly Reason[]): Reason[] => [
  ...new Map(reasons.map((reason) => [reason.message, reason])).values(),
]

/** By the rule of placement that keeps a copy away. */
const codes: Readonly<Record<string, ReasonCode>> = {
  zones: 'ZONE_FORBIDS',
  state: 'NOT_ACTIVE',
  foreign_bucket: 'FOREIGN_BUCKET',
}

function noCopy(cluster: string, { placement }: Decision): Reason {
  const placed = placement.clusters.find((one) => one.cluster === cluster)
  if (placed?.chosen) return { code: 'NOT_COMPLETE', message: `The copy on ${cluster} is not made yet` }
  const failed = placed?.rules.find((rule) => rule.verdict === 'failed')
  const why = failed === undefined ? '' : `: ${failed.reason}`
  return { code: codes[failed?.rule ?? ''] ?? 'NO_COPY', message: `${cluster} has no copy${why}` }
}
