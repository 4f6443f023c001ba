// Runs what is due, at its time.

/** Node's timers go no further: one of more is over at once. */
const longestMs = 2 ** 31 - 1

export type Ticker = {
  /** Something has happened: what is due next may be another time. */
  look(): void
  stop(): void
}

/**
 * `due`: when `tick` should run next, null: never. A tick that is set stays, however often somebody looks, so that news without end
 * does not put it off; one that comes too early does no harm.
 */
export function createTicker(options: {
  readonly now: () => number
  readonly due: (now: number) => number | null
  readonly tick: () => void
}): Ticker {
  const { now, due, tick } = options
  let set: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined
  let stopped = false

  function unset(): void {
    clearTimeout(set?.timer)
    set = undefined
  }
  function run(): void {
    set = undefined
    tick()
    look()
  }
  function look(): void {
    if (stopped) return
    const at = due(now())
    if (at !== null && set !== undefined && set.at <= at) return
    unset()
    if (at === null) return
    const ms = Math.min(Math.max(1, Math.ceil(at - now())), longestMs)
    set = { at, timer: setTimeout(run, ms) }
  }
  return {
    look,
    stop() {
      stopped = true
      unset()
    },
  }
}
