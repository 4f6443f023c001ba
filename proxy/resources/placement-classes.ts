import { contentId } from '../../server/content-id.ts'
import type { LbPolicy } from '../../server/domain/policy/lb-policy.ts'
import { askedInTurn, type RouteTable } from '../../server/domain/route/routing-table.ts'

/** Placement classes by id: the names of the clusters in each. */
export type Classes = ReadonlyMap<string, readonly string[]>

/**
 * The policy whose Envoy cluster serves a table. A single cluster has none to fall over to, and must not be out for what lets
 * others fall over.
 */
export const servedBy = ({ clusters, lbPolicy }: RouteTable): LbPolicy =>
  lbPolicy === 'first' && clusters.length < 2 ? 'round_robin' : lbPolicy

/** Those that a table's calls go to, in the order in which they are asked: one, but where there is an order one per cluster. */
export const classesOf = (table: RouteTable): Classes => new Map(askedInTurn(table).map((set) => [contentId(set), set]))
