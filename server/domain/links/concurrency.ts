// How many places a mover has on a link, found out as it works: a small object takes one, mostly for one request at a time. Pure. The
// limit grows while the link is full and its stores answer about as fast as they do when less is asked of them, falls when they take
// longer, and is halved when one refuses. After Netflix's Gradient2 (https://github.com/Netflix/concurrency-limits), but what is usual
// is the best of the last seconds, as in BBR (RFC draft-ietf-ccwg-bbr): an average would follow a queue of our own making upwards, and
// the limit with it.
import type { StoreProblem } from '../trouble/trouble.ts'

/** Places: the fewest, at the start, and the most. `least` is 2 or more, for events and for bulk. */
export type ConcurrencyBounds = { readonly least: number; readonly first: number; readonly most: number }

/** What tells that a store has too much to do, or the way to it. */
export const overloads = ['slow-down', 'timeout', 'unreachable'] as const satisfies readonly StoreProblem[]
export type Overload = (typeof overloads)[number]

/** Why a limit was lowered; `storageId`: of the store that answered so. */
export type LoweredBy = { readonly why: 'slower' | Overload; readonly storageId: string }

/** Answers to requests of one kind (of one store, e.g. its PUTs) in one round: how many, and their times added up. */
export type Answers = { readonly storageId: string; readonly count: number; readonly ms: number }

export type Round = {
  /** Milliseconds, of any clock. */
  readonly at: number
  /** Work waited for a place at most of its answers. */
  readonly isFull: boolean
  readonly answers: ReadonlyMap<string, Answers>
}

export type Concurrency = {
  /** Not whole: what counts is `limitOf`. */
  readonly limit: number
  /** Doubles from round to round until something is against it. */
  readonly starts: boolean
  /** Milliseconds that an answer of each kind takes when little is asked for: the least average of a round. */
  readonly usual: ReadonlyMap<string, number>
  /** When answers were last about as fast as that. */
  readonly usualAt: number
  /** The limit at which a store refused last; null: none did, or the limit went past it since. */
  readonly refusedAt: number | null
  /** What lowered it last, and when; null: nothing did. */
  readonly lowered: (LoweredBy & { readonly at: number }) | null
}

/** Answers may take so many times as long as usual (Gradient2's tolerance), or so many milliseconds more, before the limit falls. */
const tolerance = 2
const patienceMs = 25
/** Of a step only so much is taken, for no two rounds are alike. */
const smoothing = 0.5
/** No round lowers the limit by more. */
const mostFall = 0.5
/** Up to so many times the usual is as usual. What was not seen for so long (milliseconds) is measured anew, with a quarter of the limit. */
const usualWithin = 1.25
const usualForMs = 10_000
const measuringShare = 0.25
/** From this share of where a store refused last on the limit grows by so much a round, past it as ever. */
const nearRefusal = 0.75
const growthNearRefusal = 0.25
/** A round has at least so many answers; what is usual of a kind is told by half as many. */
const fewestAnswers = 10

export const beginConcurrency = ({ first }: ConcurrencyBounds, at: number): Concurrency => ({
  limit: first,
  starts: true,
  usual: new Map(),
  usualAt: at,
  refusedAt: null,
  lowered: null,
})

export const limitOf = ({ limit }: Concurrency): number => Math.floor(limit)

/** Answers that make a round: about those of one round trip. */
export const roundOf = (found: Concurrency): number => Math.max(fewestAnswers, limitOf(found))

export function afterRound(found: Concurrency, { at, isFull, answers }: Round, bounds: ConcurrencyBounds): Concurrency {
  const usual = new Map(found.usual)
  for (const [kind, { count, ms }] of answers)
    if (count >= fewestAnswers / 2) usual.set(kind, Math.min(usual.get(kind) ?? Infinity, ms / count))
  const { took, expected, count, slowest } = compared(answers, usual)
  const usualAt = took <= usualWithin * expected ? at : found.usualAt
  const known = { ...found, usual, usualAt }
  // Where nothing waits the limit bounds nothing, and its height is no cause of anything.
  if (!isFull || slowest === null) return known
  if (at - usualAt > usualForMs)
    return {
      ...known,
      limit: within(found.limit * measuringShare, bounds),
      usual: new Map(),
      usualAt: at,
      starts: false,
    }
  const fits = Math.max(tolerance * expected, expected + patienceMs * count) / took
  const starts = found.starts && fits >= 1
  const wanted = found.limit * Math.max(mostFall, Math.min(1, fits)) + growthOf(found)
  const limit = within(starts ? 2 * found.limit : found.limit + smoothing * (wanted - found.limit), bounds)
  const fell = Math.floor(limit) < limitOf(found) && !isRecentRefusal(found.lowered, at)
  return {
    ...known,
    limit,
    starts: starts && limit < bounds.most,
    refusedAt: found.refusedAt !== null && limit > found.refusedAt ? null : found.refusedAt,
    lowered: fell ? { why: 'slower', storageId: slowest, at } : found.lowered,
  }
}

/** To be told once of all that was under way together: of requests that began since the limit was lowered last. */
export function afterOverload(
  found: Concurrency,
  by: LoweredBy & { readonly at: number },
  bounds: ConcurrencyBounds,
): Concurrency {
  const limit = within(found.limit / 2, bounds)
  return { ...found, limit, starts: false, refusedAt: found.limit, lowered: by }
}

/** It says more than that answers got slow, which goes up and down from round to round. */
const isRecentRefusal = (lowered: Concurrency['lowered'], at: number): boolean =>
  lowered !== null && lowered.why !== 'slower' && at - lowered.at < usualForMs

const within = (limit: number, { least, most }: ConcurrencyBounds): number => Math.min(most, Math.max(least, limit))

/** Gradient2's allowance for a queue: the larger the limit, the larger a step is no risk. */
function growthOf({ limit, refusedAt }: Concurrency): number {
  const isNear = refusedAt !== null && limit >= nearRefusal * refusedAt && limit <= refusedAt
  return isNear ? growthNearRefusal / smoothing : Math.sqrt(limit)
}

/** All answers of a round beside what they usually take; `slowest`: the store whose answers took the most time more. */
function compared(answers: Round['answers'], usual: ReadonlyMap<string, number>) {
  const all = { took: 0, expected: 0, count: 0 }
  const late = new Map<string, number>()
  for (const [kind, { storageId, count, ms }] of answers) {
    const known = usual.get(kind)
    const expected = known === undefined ? ms : known * count
    all.took += ms
    all.expected += expected
    all.count += count
    late.set(storageId, (late.get(storageId) ?? 0) + ms - expected)
  }
  const [slowest] = [...late].toSorted(([, a], [, b]) => b - a)
  return { ...all, slowest: slowest?.[0] ?? null }
}
