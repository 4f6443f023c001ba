// A route table as Envoy has it at a moment: while a cluster is new to a route, it gets a part of its share of the calls.
import type { RouteTable } from '../../server/domain/route/routing-table.ts'

export type Starting = {
  /** Those that have served for long, sorted; the table's other clusters are new. */
  readonly others: readonly string[]
  /** Of a hundred calls so many are spread over all clusters of the table; those others get the rest. */
  readonly percent: number
}

export type EnvoyTable = RouteTable & { readonly starting?: Starting }

/** The table as it was decided: what decisions name, and what is the same for every Envoy at all times. */
export function asDecided({ starting: _, ...table }: EnvoyTable): RouteTable {
  return table
}
