// The server's clock, as far as its answers tell. Ages are reckoned by it: the reader's own clock may be an hour off.

export type ServerClock = {
  readonly now: () => Date
  /** The listener is called when what is known of the clock has changed; returns how to end it. */
  readonly subscribe: (listener: () => void) => () => void
  /**
   * Between `asked` and `answered` (the reader's clock) there was a moment at which the server's clock stood between
   * `earliest` and `latest`; all in milliseconds since 1970. An HTTP answer's date, for instance, knows whole seconds only.
   */
  readonly learn: (told: {
    readonly asked: number
    readonly answered: number
    readonly earliest: number
    readonly latest: number
  }) => void
}

/** `local`: the reader's clock. */
export function createServerClock(local: () => number = Date.now): ServerClock {
  let ahead = 0
  const listeners = new Set<() => void>()
  return {
    now: () => new Date(local() + ahead),
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    learn: ({ asked, answered, earliest, latest }) => {
      const [least, most] = [earliest - answered, latest - asked]
      if (!(least <= most)) return // the reader's clock was set meanwhile
      // Only as far as it must: what is right within what can be told stays, so that ages do not jump to and fro.
      const known = Math.min(Math.max(ahead, least), most)
      if (known === ahead) return
      ahead = known
      for (const listener of listeners) listener()
    },
  }
}

/** A fetch whose answers tell the server's time. */
export function learningFetch(clock: ServerClock, request: typeof fetch, local: () => number = Date.now): typeof fetch {
  return async (input, init) => {
    const asked = local()
    const answer = await request(input, init)
    const date = Date.parse(answer.headers.get('date') ?? '')
    clock.learn({ asked, answered: local(), earliest: date, latest: date + 1_000 })
    return answer
  }
}
