// What is kept of a decision, to say later why calls went where they did: what it was made from, and what it says of each cluster.

import { codeOfRefusal } from '../placement/placement-rules.ts'
import type { BucketPolicies, PolicyScope } from '../policy/definitions.ts'
import type { BucketPolicySources } from '../policy/effective.ts'
import type { Reason } from '../reason.ts'
import { noFunctions } from '../route/copy-rules.ts'
import { leavesOut, overridden, type RouteOverride, type RoutePolicy } from '../route/route-decision.ts'
import type { BucketState, FleetCluster, FleetState } from './bucket-state.ts'
import type { Decision } from './decision.ts'

/** What bears on where calls go, who may make them, and how long and how often they are tried. */
type KeptPolicy = RoutePolicy | 'target_replica_count'
/** As they are shown. The compiler asks for each that a route is decided by. */
const kept = Object.keys({
  zones: true,
  target_replica_count: true,
  replica_locations: true,
  max_staleness: true,
  lb_policy: true,
  callers: true,
  invocation_timeout: true,
  retry: true,
  tries: true,
  try_timeout: true,
} satisfies Readonly<Record<KeptPolicy, true>>) as KeptPolicy[]

/** Calls may go to a cluster that has no reasons. */
export type ClusterVerdict = { readonly cluster: string; readonly reasons: readonly Reason[] }

/** Nothing in it is particular to a bucket that is decided as many are: those share one. */
export type KeptDecision = {
  /** What an earlier version kept lacks some. */
  readonly policies: Partial<Pick<BucketPolicies, KeptPolicy>>
  /** Whose those values are that somebody had set. Absent: an earlier version kept it. */
  readonly sources?: Partial<Pick<BucketPolicySources, KeptPolicy>>
  readonly override: RouteOverride | null
  /** Names of those who might call; null: anybody. Absent: an earlier version kept it. */
  readonly callers?: readonly string[] | null
  /** Every cluster of the fleet, by name. */
  readonly clusters: readonly ClusterVerdict[]
}

/** `sources`: of the bucket's policies. */
export function keptDecision(
  bucket: BucketState,
  fleet: FleetState,
  decision: Decision,
  sources: BucketPolicySources,
): KeptDecision {
  const { callers } = bucket.policies
  return {
    policies: Object.fromEntries(kept.map((name) => [name, bucket.policies[name]])),
    sources: Object.fromEntries(kept.flatMap((name) => (sources[name] ? [[name, sources[name]]] : []))),
    override: bucket.override,
    callers: callers.length === 0 ? null : callers.filter((name) => fleet.callers.has(name)),
    clusters: fleet.clusters.map((cluster) => ({
      cluster: cluster.name,
      reasons: decision.route.table === null ? [hidden(bucket)] : reasonsOf(cluster, bucket, decision),
    })),
  }
}

export type DecidedPolicy = {
  readonly name: KeptPolicy
  readonly value: unknown
  /** Whose value it was; null: an earlier version kept it without. */
  readonly source: 'default' | PolicyScope | 'override' | null
}

/** The values by which it was decided: what a route override says of one counts. */
export function decidedPolicies({ policies, sources, override }: KeptDecision): DecidedPolicy[] {
  return kept.flatMap((name): DecidedPolicy[] => {
    if (name === 'lb_policy' && override?.lbPolicy != null)
      return [{ name, value: override.lbPolicy, source: 'override' }]
    if (!Object.hasOwn(policies, name)) return []
    return [{ name, value: policies[name], source: sources === undefined ? null : (sources[name] ?? 'default') }]
  })
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

function noCopy(cluster: string, { placement }: Decision): Reason {
  const placed = placement.clusters.find((one) => one.cluster === cluster)
  if (placed?.chosen) return { code: 'NOT_COMPLETE', message: `The copy on ${cluster} is not made yet` }
  const failed = placed?.rules.find((rule) => rule.verdict === 'failed')
  if (failed === undefined) return { code: 'NO_COPY', message: `${cluster} has no copy` }
  return { code: codeOfRefusal(failed.rule), message: `${cluster} has no copy: ${failed.reason}` }
}
