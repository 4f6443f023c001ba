// Calls of clusters, from what is told of each cluster, or of each bucket there.

/** As `invocationStats` tells it; rates per second. */
export type CallRow = {
  readonly cluster: { readonly name: string }
  readonly callsPerSecond: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly functionErrors: number
  readonly platformErrors: number
  readonly fadoErrors: number
  readonly retries: number
}

export type Calls = {
  readonly perSecond: number
  /** Where there are several rows the longest; null: none is known. Percentiles cannot be added. */
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly errors: { readonly functions: number; readonly platform: number; readonly fado: number }
  readonly retries: number
}

export function callsByCluster(rows: readonly CallRow[]): ReadonlyMap<string, Calls> {
  const groups = Map.groupBy(rows, ({ cluster }) => cluster.name)
  return new Map([...groups].map(([cluster, group]) => [cluster, together(group)]))
}

function together(rows: readonly CallRow[]): Calls {
  const sum = (of: (row: CallRow) => number) => rows.reduce((all, row) => all + of(row), 0)
  const longest = (of: (row: CallRow) => number | null) => {
    const known = rows.flatMap((row) => of(row) ?? [])
    return known.length === 0 ? null : Math.max(...known)
  }
  return {
    perSecond: sum(({ callsPerSecond }) => callsPerSecond),
    p95Ms: longest(({ p95Ms }) => p95Ms),
    p99Ms: longest(({ p99Ms }) => p99Ms),
    errors: {
      functions: sum(({ functionErrors }) => functionErrors),
      platform: sum(({ platformErrors }) => platformErrors),
      fado: sum(({ fadoErrors }) => fadoErrors),
    },
    retries: sum(({ retries }) => retries),
  }
}

export const errorsOf = ({ errors }: Calls): number => errors.functions + errors.platform + errors.fado

/** Bars from 0 to 1: the cluster with the most calls has 1, and their square roots compare, as widths of links do. */
export function callBars(calls: ReadonlyMap<string, Calls>): ReadonlyMap<string, CallBar> {
  const most = Math.max(0, ...[...calls.values()].map(({ perSecond }) => perSecond))
  return new Map(
    [...calls].flatMap(([cluster, one]) =>
      one.perSecond <= 0
        ? []
        : [[cluster, { length: Math.sqrt(one.perSecond / most), failed: Math.min(1, errorsOf(one) / one.perSecond) }]],
    ),
  )
}
export type CallBar = {
  readonly length: number
  /** Share of the calls, 0 to 1. */
  readonly failed: number
}
