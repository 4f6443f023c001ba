// The slow start of a cluster that is new in a route: it gets a part of its share of the calls at first.
import { lbPoliciesThatStartSlowly } from '../policy/lb-policy.ts'
import type { RouteTable } from './routing-table.ts'

export type Start = {
  /** The clusters that have served for long; the route's others are new. */
  readonly others: readonly string[]
  /** In milliseconds, on the clock that the caller goes by. */
  readonly begunAt: number
}

/** How long the clusters of a route have served, and whether some of them start. */
export type StartState = {
  /** At every moment since then some cluster has served that was not starting. */
  readonly since: number
  readonly start?: Start
}

export type RouteBefore = StartState & { readonly clusters: readonly string[] }

/** Starts that begin within so many milliseconds are one change for Envoys. */
const togetherMs = 250

/**
 * Not where callers belong to deployments (hashes) or clusters have an order. While a cluster starts most calls are tried at the
 * others alone until Envoy takes them to be down, which takes more tries than an operator may have allowed: so not where `retry`
 * is set, either.
 */
const startsSlowly = ({ lbPolicy, retry }: RouteTable): boolean =>
  lbPoliciesThatStartSlowly.includes(lbPolicy) && retry === undefined

/** `slowStartMs` 0: there is no slow start. */
export const isOver = ({ begunAt }: Start, now: number, slowStartMs: number): boolean =>
  slowStartMs === 0 || now - begunAt >= slowStartMs

/**
 * That of a route that follows another one. Clusters that come while the bucket itself is new start all alike. E.g. photos was
 * served by edge for an hour: when hpc comes, hpc starts; when cloud comes 10 s later, both start from then on.
 */
export function nextStartState(
  before: RouteBefore | undefined,
  table: RouteTable,
  now: number,
  slowStartMs: number,
): StartState {
  if (!before) return { since: now }
  const { since, clusters } = before
  const start = before.start && !isOver(before.start, now, slowStartMs) ? before.start : undefined
  const settled = start?.others ?? clusters
  const others = table.clusters.filter((cluster) => settled.includes(cluster))
  if (others.length === 0) return { since: now }
  const hasNew = others.length < table.clusters.length
  if (!hasNew || !startsSlowly(table)) return { since }
  const isAnother = table.clusters.some((cluster) => !clusters.includes(cluster))
  if (start && !isAnother) return { since, start: { ...start, others } }
  if (now - since < slowStartMs) return { since }
  return { since, start: { others, begunAt: Math.ceil(now / togetherMs) * togetherMs } }
}

/** What a route of these tables, each from a time on, is in the midst of; undefined: every cluster has its whole share. */
export function presentStart(
  tables: readonly { readonly table: RouteTable | null; readonly from: number }[],
  now: number,
  slowStartMs: number,
): Start | undefined {
  let before: RouteBefore | undefined
  for (const { table, from } of tables)
    before = table ? { ...nextStartState(before, table, from, slowStartMs), clusters: table.clusters } : undefined
  const start = before?.start
  return start && !isOver(start, now, slowStartMs) ? start : undefined
}
