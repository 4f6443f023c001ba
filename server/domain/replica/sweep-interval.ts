/** Seconds; every bucket's master is looked at as a whole at least so often. */
export const longestInterval = 900

/**
 * Seconds; the longest that a master goes unlooked at. One whose store tells nothing of changes is swept twice within
 * `max_staleness`: what was found later than that would take all replicas out of service at once.
 */
export const sweepInterval = (
  { hasEvents, maxStaleness }: { readonly hasEvents: boolean; readonly maxStaleness: number },
  longest = longestInterval,
): number => (hasEvents ? longest : Math.min(longest, Math.max(1, maxStaleness / 2)))
