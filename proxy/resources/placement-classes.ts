import { contentId } from '../../server/content-id.ts'
import { type LbPolicy, lbPolicyDefinitions } from '../../server/domain/policy/lb-policy.ts'
import { askedInTurn, type RouteTable } from '../../server/domain/route/routing-table.ts'
import type { EnvoyTable, Starting } from './starting.ts'

/** The names of its clusters. `part`: of what takes calls of these, that at some of them alone. */
export type EnvoyClass = { readonly clusters: readonly string[]; readonly part?: readonly string[] }

/** By id. */
export type Classes = ReadonlyMap<string, EnvoyClass>

/**
 * The policy whose Envoy cluster serves a table. A single cluster has none to fall over to, and must not be out for what lets
 * others fall over.
 */
export const envoyPolicyOf = ({ clusters, lbPolicy }: RouteTable): LbPolicy =>
  (clusters.length < 2 ? lbPolicyDefinitions[lbPolicy].within : null) ?? lbPolicy

export const classId = ({ clusters, part }: EnvoyClass): string => contentId(part ? { clusters, part } : clusters)

/** While a cluster starts: that of the others. What is coming back there takes no call that the one which starts can take. */
export const ofOthers = ({ clusters }: RouteTable, { others }: Starting): EnvoyClass => ({ clusters, part: others })

/** Those that a table's calls go to: one, but where there is an order one per cluster; and while a cluster starts one more. */
export function classesOf(table: EnvoyTable): Classes {
  const whole = askedInTurn(table).map((clusters): EnvoyClass => ({ clusters }))
  const all = table.starting ? [...whole, ofOthers(table, table.starting)] : whole
  return new Map(all.map((one) => [classId(one), one]))
}
