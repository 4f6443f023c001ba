// The slow start of a cluster that is new in a route. When it began is known from what this process has seen: after its own start
// every cluster has its whole share.
import type { RouteTable } from '../../server/domain/route/routing-table.ts'
import { balancers } from '../resources/balancers/balancers.ts'
import { servedBy } from '../resources/placement-classes.ts'
import type { Starting } from '../resources/starting.ts'

/** Since when, in milliseconds of the rollout's clock, which clusters of a route serve. */
export type Serving = {
  /** One of its clusters, at least, has served all the time since then. */
  readonly since: number
  readonly start?: {
    /** The clusters that have served for long. */
    readonly others: readonly string[]
    readonly begunAt: number
  }
}

/** Its share grows so often, from a tenth: Envoy's own slow start begins with that, too. */
const steps = 5
/** Starts that begin within so many milliseconds are one change for Envoys. */
const togetherMs = 250
/**
 * So many routes at most have a slow start at a time; others get all at once. Each step is a change of that bucket for every
 * Envoy: these are 170 in a second with the default of 30 s.
 */
export const mostStarting = 1_000

/**
 * Whether a cluster that is new in this table starts slowly. Not where callers belong to deployments (hashes) or clusters have an
 * order. While it starts most calls are tried at the others alone until Envoy takes them to be down, which takes more tries than
 * an operator may have allowed: so not where `retry` is set, either.
 */
const startsSlowly = (table: RouteTable): boolean =>
  balancers[servedBy(table)].startsSlowly === true && table.retry === undefined

/**
 * How a route serves that follows another one. Clusters that come while the bucket itself is new start all alike. E.g. photos was
 * served by edge for an hour: when hpc comes, hpc starts; when cloud comes 10 s later, both start from then on.
 */
export function nextServing(
  before: (Serving & { readonly clusters: readonly string[] }) | undefined,
  table: RouteTable,
  now: number,
  slowStartMs: number,
): Serving {
  const settled = before?.start?.others ?? before?.clusters ?? []
  const others = table.clusters.filter((cluster) => settled.includes(cluster))
  if (!before || others.length === 0) return { since: now }
  const { since, start, clusters } = before
  const starting = others.length < table.clusters.length && startsSlowly(table)
  if (!starting || now - since < slowStartMs) return { since }
  const isAnother = table.clusters.some((cluster) => !clusters.includes(cluster))
  const begunAt = start && !isAnother ? start.begunAt : Math.ceil(now / togetherMs) * togetherMs
  return { since, start: { others, begunAt } }
}

/** How far a start is; undefined: it is over. `nextAt`: when it goes on. */
export function stepOf(
  { others, begunAt }: NonNullable<Serving['start']>,
  now: number,
  slowStartMs: number,
): { readonly starting: Starting; readonly nextAt: number } | undefined {
  const stepMs = slowStartMs / steps
  const step = slowStartMs > 0 ? Math.max(0, Math.floor((now - begunAt) / stepMs)) : steps
  if (step >= steps) return undefined
  const percent = (100 / steps) * (step + 0.5)
  return { starting: { others, percent }, nextAt: begunAt + (step + 1) * stepMs }
}
