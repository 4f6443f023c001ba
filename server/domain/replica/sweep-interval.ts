// How long a copy may go without a whole look at it: learnt from what looks at it found, bounded by what it would harm if nobody
// told of a change, and by what looks cost.
import type { EventStanding } from '../fleet/event-source.ts'

/** Seconds: the wait after a look that found what nobody had told, or after events may have been missed. */
export const firstInterval = 60
/** Seconds: the longest wait while nothing has shown that events of the bucket arrive, and where they are not believed. */
export const unprovenInterval = 900

export type SweepBounds = { readonly first: number; readonly unproven: number }
export const defaultBounds: SweepBounds = { first: firstInterval, unproven: unprovenInterval }

/**
 * Seconds between two rounds of looks for each request that a round costs. So those of one bucket cost at most 48 requests a day,
 * however many copies it has.
 */
const secondsARequest = 1_800

/** A turn of `full_compare` has room for so many looks at the least. */
const looksOfTurn = 4

/** Durations are seconds. */
export type SweepFacts = {
  readonly of: 'master' | 'replica'
  readonly events: EventStanding
  /** An event has shown that what tells of the bucket's changes works. */
  readonly proven: boolean
  /** Looks in a row, up to the last, that found nothing that nobody had told. */
  readonly quietLooks: number
  /** What a look at each copy and the master costs, in requests of all stores. */
  readonly roundRequests: number
  readonly maxStaleness: number
  /** By the policy `sweep_interval`. */
  readonly longest: number
  /** How long a turn of `full_compare` may take; 0: there are none. */
  readonly turn: number
}

/**
 * What the interval is owed to. `SWEEP_LEARNING`: it doubles with each look that finds nothing; `SWEEP_SETTLED`: more looks would
 * cost too much for what they find; `SWEEP_UNPROVEN`, `SWEEP_UNTOLD`: no event ever came, or none is believed.
 */
export type SweepWhy = 'SWEEP_LEARNING' | 'SWEEP_SETTLED' | 'SWEEP_UNPROVEN' | 'SWEEP_UNTOLD' | 'SWEEP_POLICY'
export type SweepInterval = {
  readonly seconds: number
  readonly why: SweepWhy
  /** With SWEEP_POLICY: which. */
  readonly policy: 'sweep_interval' | 'full_compare' | null
}

/**
 * Seconds: the longest that a master goes unlooked at of whose changes nobody tells who is believed. It is swept twice within
 * `max_staleness`: what was found later than that would take all replicas out of service at once.
 */
export const untoldInterval = (maxStaleness: number, { unproven } = defaultBounds): number =>
  Math.min(unproven, Math.max(1, maxStaleness / 2))

/** Seconds: the longest between two looks at a replica whose turns may take so long. */
export const turnInterval = (turn: number, { unproven } = defaultBounds): number =>
  turn === 0 ? Number.POSITIVE_INFINITY : Math.max(unproven, turn / looksOfTurn)

/** Nobody tells of what others do to a replica, whatever the events of its master are worth. */
function boundsOf(facts: SweepFacts, bounds: SweepBounds): readonly SweepInterval[] {
  const { events, proven, turn } = facts
  const general: SweepInterval[] = [
    { seconds: facts.longest, why: 'SWEEP_POLICY', policy: 'sweep_interval' },
    { seconds: facts.roundRequests * secondsARequest, why: 'SWEEP_SETTLED', policy: null },
  ]
  if (facts.of === 'replica')
    return [...general, { seconds: turnInterval(turn, bounds), why: 'SWEEP_POLICY', policy: 'full_compare' }]
  if (events !== 'believed')
    return [...general, { seconds: untoldInterval(facts.maxStaleness, bounds), why: 'SWEEP_UNTOLD', policy: null }]
  return proven ? general : [...general, { seconds: bounds.unproven, why: 'SWEEP_UNPROVEN', policy: null }]
}

/** Doubles with each quiet look, from `first` to the least of what bounds it. */
export function sweepInterval(facts: SweepFacts, bounds = defaultBounds): SweepInterval {
  const learnt = bounds.first * 2 ** Math.min(facts.quietLooks, 30)
  const bound = boundsOf(facts, bounds).reduce((least, one) => (one.seconds < least.seconds ? one : least))
  return learnt < bound.seconds ? { seconds: learnt, why: 'SWEEP_LEARNING', policy: null } : bound
}
