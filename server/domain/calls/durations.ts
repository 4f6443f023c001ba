// How long calls took, so that calls of several times and processes can be added up and a quantile be told of all of them: how
// many of each length, where lengths beyond 32 ms share a bin with those that differ by less than a sixteenth.

/** How many calls, by the number of their bin. Small: only bins that were met. */
export type Durations = Map<number, number>

/** Whole milliseconds below this have a bin each. */
const exact = 32
/** Bins in each doubling above. */
const perDoubling = 16
const firstDoubling = Math.log2(exact)
/** A month: no call lasts longer. */
const longestMs = 2 ** 31

/** No told quantile is further from the true one, as a part of it. */
export const worstError = 1 / (2 * perDoubling)

/** `ms`: whole milliseconds; what is none counts as 0. */
export function binOf(ms: number): number {
  const whole = Math.min(longestMs, Math.max(0, Math.floor(ms) || 0))
  if (whole < exact) return whole
  const doubling = Math.floor(Math.log2(whole))
  const part = Math.floor(((whole - 2 ** doubling) * perDoubling) / 2 ** doubling)
  return exact + (doubling - firstDoubling) * perDoubling + part
}

/** The middle of a bin, in milliseconds. */
export function msOf(bin: number): number {
  if (bin < exact) return bin
  const doubling = firstDoubling + Math.floor((bin - exact) / perDoubling)
  const part = (bin - exact) % perDoubling
  return 2 ** doubling * (1 + (part + 0.5) / perDoubling)
}

export function addTo(durations: Durations, bin: number, calls = 1): void {
  durations.set(bin, (durations.get(bin) ?? 0) + calls)
}

/** Of each of these parts (0 to 1) the time in milliseconds within which so many calls ended; null where there were none. */
export function quantiles(durations: Durations, parts: readonly number[]): (number | null)[] {
  const bins = [...durations].toSorted(([a], [b]) => a - b)
  const all = bins.reduce((sum, [, calls]) => sum + calls, 0)
  return parts.map((part) => {
    if (all === 0) return null
    let passed = 0
    for (const [bin, calls] of bins) {
      passed += calls
      if (passed >= Math.ceil(part * all)) return msOf(bin)
    }
    return msOf(bins.at(-1)?.[0] ?? 0)
  })
}
