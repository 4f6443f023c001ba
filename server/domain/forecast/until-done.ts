// In how long a copy has what is under way to it, from what its link carried lately. Pure; no promise.
import { type Amount, sum } from './amount.ts'

/** What all movers together did over the last seconds, for a second; null: nothing was. */
export type Pace = { readonly objectsPerSecond: number | null; readonly bytesPerSecond: number | null }

export type LinkPace = Pace & {
  /** Objects that movers work on, of all copies, and what of them passed already. */
  readonly moving: number
  readonly bytesUnderWay: number
  /** The smaller limit of both ends; null: there is none. */
  readonly limit: { readonly bytesPerSecond: number } | null
}

/** What a copy that catches up has before it. */
export type Ahead = {
  /** Keys that are due, and those that movers work on. */
  readonly due: Amount
  readonly worked: Amount
  /** What waits for the same link, of each other copy. */
  readonly others: readonly Amount[]
  readonly link: LinkPace
  /** The next time at which the window of one of its ends closes, and for how long; null: none does. Seconds; `for` null: for good. */
  readonly closing: { readonly in: number; readonly for: number | null } | null
}

/**
 * Until all that is due is there, and the rest of what is worked on; null: it cannot be told. What passed already is known of the
 * link alone: it is this copy's where movers work on nothing else there.
 */
export function secondsUntilDone({ due, worked, others, link, closing }: Ahead): number | null {
  const passed = link.moving <= worked.objects ? link.bytesUnderWay : 0
  const rest = { ...worked, bytes: Math.max(0, worked.bytes - passed) }
  const seconds = secondsFor(untilDone(sum([due, rest]), others), link, link.limit?.bytesPerSecond ?? null)
  if (seconds === null || closing === null || seconds <= closing.in) return seconds
  return closing.for === null ? null : seconds + closing.for
}

/**
 * What the link carries until a copy has all that it lacks: its own, and of each other copy what waits there, but no more than that,
 * for they share the link.
 */
function untilDone(own: Amount, others: readonly Amount[]): Amount {
  const shared = (of: (amount: Amount) => number) =>
    others.reduce((sum, other) => sum + Math.min(of(other), of(own)), of(own))
  return { objects: shared(({ objects }) => objects), bytes: shared(({ bytes }) => bytes) }
}

/**
 * Seconds; null: nothing passed lately, so nobody knows. Small objects cost their number and large ones their bytes: what takes longer
 * counts. `limit`: bytes per second; null: none.
 */
function secondsFor(amount: Amount, pace: Pace, limit: number | null): number | null {
  const at = (much: number, perSecond: number | null) =>
    perSecond === null || perSecond <= 0 ? null : much / perSecond
  const measured = [at(amount.objects, pace.objectsPerSecond), at(amount.bytes, pace.bytesPerSecond)]
  const known = measured.filter((seconds) => seconds !== null)
  return known.length === 0 ? null : Math.max(...known, at(amount.bytes, limit) ?? 0)
}
