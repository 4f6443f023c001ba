// Whether this process got to run: on a machine that is too busy, or while it is paused, its own timers end what was asked before the
// answers that are there were read.

const everyMs = 50

type Run = {
  /** The longest time in which it did nothing at all, in milliseconds, and the end of the watch. */
  longestHoldMs(): number
}

export function watchRun(): Run {
  let last = performance.now()
  let longest = 0
  const look = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(look, everyMs)
  return {
    longestHoldMs() {
      clearInterval(timer)
      look()
      return longest
    },
  }
}
