// Calls of clusters, as the ring shows them.
import type { CallFiguresFragment } from '../../../graphql/generated/operations.ts'
import { failures } from '../calls.ts'

/** What calls of one cluster were in the last minute. */
export type Calls = Omit<CallFiguresFragment, 'recent' | '__typename'>
export type ClusterCalls = Calls & { readonly cluster: { readonly name: string } }

export const callsByCluster = (rows: readonly ClusterCalls[]): ReadonlyMap<string, Calls> =>
  new Map(rows.map((row) => [row.cluster.name, row]))

/** Bars from 0 to 1: the cluster with the most calls has 1, and their square roots compare, as widths of links do. */
export function callBars(calls: ReadonlyMap<string, Calls>): ReadonlyMap<string, CallBar> {
  const most = Math.max(0, ...[...calls.values()].map(({ callsPerSecond }) => callsPerSecond))
  return new Map(
    [...calls].flatMap(([cluster, one]) => {
      const { callsPerSecond } = one
      if (callsPerSecond <= 0) return []
      const length = Math.sqrt(callsPerSecond / most)
      return [[cluster, { length, failed: Math.min(1, failures(one) / callsPerSecond) }]]
    }),
  )
}
export type CallBar = {
  readonly length: number
  /** Share of the calls, 0 to 1. */
  readonly failed: number
}
