import { contentId } from '../../server/content-id.ts'
import type { LbPolicy } from '../../server/domain/policy/lb-policy.ts'
import { askedInTurn, type RouteTable } from '../../server/domain/route/routing-table.ts'
import type { ServedTable } from './starting.ts'

/** Placement classes by id: the names of the clusters in each. */
export type Classes = ReadonlyMap<string, readonly string[]>

/**
 * The policy whose Envoy cluster serves a table. A single cluster has none to fall over to, and must not be out for what lets
 * others fall over.
 */
export const servedBy = ({ clusters, lbPolicy }: RouteTable): LbPolicy =>
  lbPolicy === 'first' && clusters.length < 2 ? 'round_robin' : lbPolicy

export const classId = (clusters: readonly string[]): string => contentId(clusters)

/**
 * Those that a table's calls go to: one, but where there is an order one per cluster; and while a cluster starts that of the
 * others.
 */
export const classesOf = (table: ServedTable): Classes =>
  new Map([...askedInTurn(table), ...(table.starting ? [table.starting.others] : [])].map((set) => [classId(set), set]))
