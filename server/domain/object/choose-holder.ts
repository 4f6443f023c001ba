// From which store an object is read. Nobody tells where a caller is, so no holder is nearer than another: what counts is
// that its store answers, that browsers can reach it, and that what it holds is the newest.

export type Holder = {
  readonly storageId: string
  readonly store: string
  readonly isMaster: boolean
  readonly isHealthy: boolean
  readonly hasPublicEndpoint: boolean
}

/**
 * Holders, the best first: stores that answer before others; those with an address for browsers before those without; the
 * master before replicas, for it alone also has what FaDO does not know yet; then by name. `forBrowsers` false: FaDO reads itself.
 */
export function rankHolders<H extends Holder>(holders: readonly H[], forBrowsers: boolean): H[] {
  const rank = (holder: H): number =>
    (holder.isHealthy ? 0 : 4) + (forBrowsers && !holder.hasPublicEndpoint ? 2 : 0) + (holder.isMaster ? 0 : 1)
  return [...holders].sort((a, b) => rank(a) - rank(b) || (a.store < b.store ? -1 : 1))
}
