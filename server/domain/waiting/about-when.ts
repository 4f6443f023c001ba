// About when a copy has what it lacks, from what its link carried lately.
import type { Amount } from './amount.ts'

/** What all movers together did over the last seconds, for a second; null: nothing was. */
export type Pace = { readonly objectsPerSecond: number | null; readonly bytesPerSecond: number | null }

/**
 * What the link carries until a copy has all that it lacks: its own, and of each other copy what waits there, but no more than that,
 * for they share the link.
 */
export function untilDone(own: Amount, others: readonly Amount[]): Amount {
  const shared = (of: (amount: Amount) => number) =>
    others.reduce((sum, other) => sum + Math.min(of(other), of(own)), of(own))
  return { objects: shared(({ objects }) => objects), bytes: shared(({ bytes }) => bytes) }
}

/**
 * Seconds; null: nothing passed lately, so nobody knows. Small objects cost their number and large ones their bytes: what takes longer
 * counts. `limit`: bytes per second; null: none.
 */
export function secondsFor(amount: Amount, pace: Pace, limit: number | null): number | null {
  const at = (much: number, perSecond: number | null) =>
    perSecond === null || perSecond <= 0 ? null : much / perSecond
  const measured = [at(amount.objects, pace.objectsPerSecond), at(amount.bytes, pace.bytesPerSecond)]
  const known = measured.filter((seconds) => seconds !== null)
  return known.length === 0 ? null : Math.max(...known, at(amount.bytes, limit) ?? 0)
}
