// The fastest answer of a store in the last seconds: about what a request needs on its way there and back.

export type FastestAnswer = {
  took(ms: number): void
  /** Null: nothing was asked lately. */
  ms(): number | null
}

const spanMs = 5_000

export function createFastestAnswer(now: () => number = () => performance.now()): FastestAnswer {
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
