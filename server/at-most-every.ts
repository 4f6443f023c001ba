/**
 * Lets something through at most once in `ms` milliseconds: returns how many were held back since, or undefined when this
 * one is. `now`: milliseconds that never go back.
 */
export function atMostEvery(ms: number, now: () => number = () => performance.now()): () => number | undefined {
  let last = Number.NEGATIVE_INFINITY
  let held = 0
  return () => {
    if (now() - last < ms) {
      held += 1
      return undefined
    }
    const before = held
    last = now()
    held = 0
    return before
  }
}
