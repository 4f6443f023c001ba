// The best of what was measured of a store in the last seconds: its fastest answer says about what a request needs on its way there
// and back, the fastest of its bodies how fast bytes come from it.

export type Fastest = {
  took(ms: number): void
  /** Null: nothing was measured lately. */
  ms(): number | null
}

/** What was measured counts for one to two spans. */
export function createFastest(spanMs: number, now: () => number = () => performance.now()): Fastest {
  let begunAt = now()
  let [before, current]: (number | null)[] = [null, null]
  function turn(): void {
    const spans = Math.floor((now() - begunAt) / spanMs)
    if (spans === 0) return
    before = spans === 1 ? (current ?? null) : null
    current = null
    begunAt += spans * spanMs
  }
  return {
    took(ms) {
      turn()
      current = Math.min(current ?? ms, ms)
    },
    ms() {
      turn()
      if (before === null || before === undefined) return current ?? null
      return Math.min(before, current ?? before)
    },
  }
}
