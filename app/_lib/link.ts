// Whether what is shown is live. A tiny store that React reads by useSyncExternalStore.

export type LinkState =
  /** `at`: since when. Before the first subscription there is nothing to lose: that counts as live. */
  { readonly live: true } | { readonly live: false; readonly at: Date }

export type Link = {
  readonly get: () => LinkState
  readonly subscribe: (listener: () => void) => () => void
  readonly up: () => void
  readonly down: () => void
}

export function createLink(): Link {
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
    down: () => {
      if (state.live) set({ live: false, at: new Date() })
    },
  }
}
