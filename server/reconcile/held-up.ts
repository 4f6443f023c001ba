// Whether this process got to run: on a machine that is too busy, or while it is paused, its own timers end what was asked before the
// answers that are there were read.

const everyMs = 50

type HoldWatch = {
  /** Ends the watch; the longest time in which the process did nothing at all, in milliseconds. */
  end(): number
}

export function watchForHolds(): HoldWatch {
  let last = performance.now()
  let longest = 0
  const look = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(look, everyMs)
  return {
    end() {
      clearInterval(timer)
      look()
      return longest
    },
  }
}
