// What calls were in the last minute, from the windows of all processes.
import { addTo, type Durations, quantiles } from './durations.ts'
import { type CallRow, noErrors } from './tally.ts'
import { blamed, type Whose } from './whose-error.ts'

/** How long a window is. */
export const windowSeconds = 5
/** How far back figures go: a whole number of windows. */
export const toldSeconds = 60

/**
 * Calls, errors, refusals, calls that were given up, and retries: a second, over the last minute. Times in milliseconds; null where
 * there were no calls.
 */
export type Figures = {
  readonly callsPerSecond: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly functionErrors: number
  readonly platformErrors: number
  readonly keyErrors: number
  readonly fadoErrors: number
  /** Calls that were refused for what their callers did: no errors. */
  readonly refused: number
  /** Calls whose callers did not wait for the end: no errors either. */
  readonly givenUp: number
  readonly retries: number
  /** Calls a second in each window of the minute, the oldest first. */
  readonly recent: readonly number[]
}

/** A row, and how many windows ago it was: 0 is the latest. */
export type AgedRow = { readonly row: CallRow; readonly ago: number }

const windows = toldSeconds / windowSeconds

/** `endedAt`, `now`: milliseconds by one clock. undefined: it is not of the last minute. */
export function windowsAgo(endedAt: number, now: number): number | undefined {
  const numberOf = (ms: number) => Math.floor(ms / 1000 / windowSeconds)
  const ago = Math.max(0, numberOf(now) - numberOf(endedAt))
  return ago < windows ? ago : undefined
}

/** Of each key the figures of its rows, the busiest first. What has no key is left out. */
export function figuresBy(
  rows: readonly AgedRow[],
  keyOf: (row: CallRow) => string | undefined,
): ReadonlyMap<string, Figures> {
  const sums = new Map<string, Sum>()
  for (const { row, ago } of rows) {
    const key = keyOf(row)
    if (key === undefined) continue
    const sum = sums.get(key) ?? emptySum()
    sums.set(key, sum)
    add(sum, row, ago)
  }
  const busiest = [...sums].toSorted(([a, { calls: x }], [b, { calls: y }]) => y - x || (a < b ? -1 : 1))
  return new Map(busiest.map(([key, sum]) => [key, figures(sum)]))
}

/** Of all rows together. */
export const figuresOf = (rows: readonly AgedRow[]): Figures => figuresBy(rows, () => '').get('') ?? figures(emptySum())

type Sum = {
  calls: number
  readonly errors: Record<Whose, number>
  retries: number
  readonly durations: Durations
  readonly byWindow: number[]
}

const emptySum = (): Sum => ({
  calls: 0,
  errors: noErrors(),
  retries: 0,
  durations: new Map(),
  byWindow: Array.from({ length: windows }, () => 0),
})

function add(sum: Sum, { calls, errors, retries, durations }: CallRow, ago: number): void {
  sum.calls += calls
  for (const whose of blamed) sum.errors[whose] += errors[whose]
  sum.retries += retries
  for (const [bin, of] of durations) addTo(sum.durations, bin, of)
  const at = windows - 1 - ago
  sum.byWindow[at] = (sum.byWindow[at] ?? 0) + calls
}

function figures(sum: Sum): Figures {
  const { errors } = sum
  const [p50Ms = null, p95Ms = null, p99Ms = null] = quantiles(sum.durations, [0.5, 0.95, 0.99])
  return {
    callsPerSecond: sum.calls / toldSeconds,
    ...{ p50Ms, p95Ms, p99Ms },
    functionErrors: errors.function / toldSeconds,
    platformErrors: errors.platform / toldSeconds,
    keyErrors: errors.key / toldSeconds,
    fadoErrors: errors.fado / toldSeconds,
    refused: errors.caller / toldSeconds,
    givenUp: errors.gone / toldSeconds,
    retries: sum.retries / toldSeconds,
    recent: sum.byWindow.map((calls) => calls / windowSeconds),
  }
}
