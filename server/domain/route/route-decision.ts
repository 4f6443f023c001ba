// Which clusters a bucket's calls may go to, and why not to the others.

import type { BucketPolicies } from '../policy/definitions.ts'
import { asksInOrder, type LbPolicy } from '../policy/lb-policy.ts'
import type { Reason } from '../reason.ts'
import { reasonsBy } from '../reason-rule.ts'
import { orderOf } from './cluster-order.ts'
import { copyRules, type RouteCopy } from './copy-rules.ts'
import { retryOf } from './retry.ts'
import type { RouteTable } from './routing-table.ts'

/** `clusters`: only these; where clusters are asked in order, in this one. */
export type RouteOverride = { readonly lbPolicy: LbPolicy | null; readonly clusters: readonly string[] | null }
/** Those that a route is decided by. */
export type RoutePolicy =
  | 'zones'
  | 'replica_locations'
  | 'lb_policy'
  | 'max_staleness'
  | 'invocation_timeout'
  | 'retry'
  | 'tries'
  | 'try_timeout'
  | 'callers'
export type RouteInput = {
  /** No call finds the bucket: it is not made yet, or is being deleted. */
  readonly hidden: boolean
  readonly policies: Pick<BucketPolicies, RoutePolicy>
  readonly override: RouteOverride | null
  readonly copies: readonly RouteCopy[]
  /** The ids of all callers, by name. */
  readonly callers: ReadonlyMap<string, string>
}
export type RouteCandidate = {
  readonly cluster: string
  readonly storageId: string
  /** Its data may serve, whatever the override says. */
  readonly fit: boolean
  readonly eligible: boolean
  readonly reasons: readonly Reason[]
}
export type RouteDecision = {
  /** null: the bucket is withdrawn. No clusters in it: nobody can serve. */
  readonly table: RouteTable | null
  readonly overridden: boolean
  readonly candidates: readonly RouteCandidate[]
}

export const overridden = (cluster: string): Reason => ({
  code: 'OVERRIDDEN',
  message: `The route override leaves ${cluster} out`,
})
/** Whether an override leaves a cluster out. */
export const leavesOut = (override: RouteOverride | null, cluster: string): boolean =>
  override?.clusters != null && !override.clusters.includes(cluster)

/**
 * What is coming back waits while another copy serves. Where none does it fills in, for patience must not cost a call, and
 * then it stays.
 */
function patient(copies: readonly RouteCopy[], candidates: readonly RouteCandidate[]): RouteCandidate[] {
  const waiting = copies.filter((copy) => copy.storeReturning && !copy.inRoute)
  const stores = new Map(waiting.map((copy) => [copy.storageId, copy.store]))
  const answering = new Set(copies.filter((copy) => copy.functionsAnswer).map((copy) => copy.storageId))
  const othersServe = candidates.some(
    ({ eligible, storageId }) => eligible && !stores.has(storageId) && answering.has(storageId),
  )
  return candidates.map((candidate) => {
    const store = othersServe ? stores.get(candidate.storageId) : undefined
    if (store === undefined) return candidate
    const message = `The store ${store} was down and answers again: calls go there when it has been well for failback_after`
    return { ...candidate, eligible: false, reasons: [...candidate.reasons, { code: 'STORE_RETURNING', message }] }
  })
}

/** Whole milliseconds, of which 0 is no limit: the shortest limit is 1. */
const wholeMs = (seconds: number): number => (seconds === 0 ? 0 : Math.max(1, Math.round(seconds * 1000)))

/** Who may call, where not anybody. A name that no caller has lets nobody in. */
function mayCall({ policies, callers }: Pick<RouteInput, 'policies' | 'callers'>): Pick<RouteTable, 'callers'> {
  if (policies.callers.length === 0) return {}
  return { callers: policies.callers.flatMap((name) => callers.get(name) ?? []).toSorted() }
}

export function decideRoute({ hidden, policies, override, copies, callers }: RouteInput): RouteDecision {
  const only = override?.clusters ?? null
  const judged = copies.map((copy): RouteCandidate => {
    const reasons = reasonsBy(copyRules, { copy, policies })
    const all = leavesOut(override, copy.cluster) ? [...reasons, overridden(copy.cluster)] : reasons
    const { cluster, storageId } = copy
    return { cluster, storageId, fit: reasons.length === 0, eligible: all.length === 0, reasons: all }
  })
  const candidates = patient(copies, judged)
  if (hidden) return { table: null, overridden: override !== null, candidates }
  const serving = copies.filter((_copy, i) => candidates[i]?.eligible)
  const lbPolicy = override?.lbPolicy ?? policies.lb_policy
  const order = orderOf(serving, { chosen: only, locations: policies.replica_locations })
  const retry = retryOf(policies)
  return {
    table: {
      clusters: order.toSorted(),
      lbPolicy,
      ...(asksInOrder(lbPolicy) ? { order } : {}),
      timeoutMs: wholeMs(policies.invocation_timeout),
      ...(retry === undefined ? {} : { retry }),
      ...mayCall({ policies, callers }),
    },
    overridden: override !== null,
    candidates,
  }
}
