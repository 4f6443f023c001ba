// Whether what is shown is live. A tiny store that React reads by useSyncExternalStore.

/** Who is to blame: the reader's own network, FaDO, which does not answer, or what it works on: it answers and knows no news. */
export type LostTo = 'network' | 'fado' | 'database'
export type LinkState =
  /** `at`: since when, by the server's clock. Before the first subscription there is nothing to lose: that counts as live. */
  { readonly live: true } | { readonly live: false; readonly at: Date; readonly to: LostTo }

export type Link = {
  readonly get: () => LinkState
  readonly subscribe: (listener: () => void) => () => void
  readonly up: () => void
  /** The first time counts; who is to blame may change. */
  readonly down: (to: LostTo) => void
}

/** `now`: the server's clock. */
export function createLink(now: () => Date): Link {
  let state: LinkState = { live: true }
  const listeners = new Set<() => void>()
  const set = (next: LinkState) => {
    state = next
    for (const listener of listeners) listener()
  }
  return {
    get: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    up: () => {
      if (!state.live) set({ live: true })
    },
    down: (to) => {
      if (state.live) set({ live: false, at: now(), to })
      else if (state.to !== to) set({ ...state, to })
    },
  }
}
