// What looks at whole copies cost, in requests of all stores together. `integration/replication/sweep-cost` counts the real ones.

/** Objects of a page: what S3 lists at once at most. */
const pageSize = 1_000
const pagesOf = (objects: number): number => Math.max(1, Math.ceil(objects / pageSize))

/**
 * One look. At a master: which buckets there are, the bucket itself, its subscription, its versioning (two, where it keeps
 * versions) and its listing. At a replica: which buckets there are on both sides, the master's bucket, the copy's versioning (two)
 * and both listings.
 */
export const sweepRequests = (of: 'master' | 'replica', objects: number): number =>
  of === 'master' ? 5 + pagesOf(objects) : 5 + 2 * pagesOf(objects)

type Size = { readonly objects: number; readonly copies: number }

/** A look at the master and at each copy. */
export const roundRequests = ({ objects, copies }: Size): number =>
  sweepRequests('master', objects) + copies * sweepRequests('replica', objects)

/** At most, of one object of one copy in its turn: its head and its tags, on both sides. */
const requestsOfWhole = 4
/** Turns are planned to end a fifth early, see `whole-compare.ts`. */
export const turnAhead = 1.25
/** Of turns of one bucket, all copies together; the looks have 48 of 100. */
const turnRequestsADay = 50

const day = 86_400
/** A turn is never stretched beyond. */
const longestTurn = 180 * day

export type TurnFacts = Size & {
  /** By the policy `full_compare`, in seconds; 0: never. */
  readonly wanted: number
  /** Somebody set it: then it is kept to the letter. */
  readonly isSet: boolean
  /** When the last turn began that ended, and since when looks at the master found nothing; null: there was none, it did. */
  readonly comparedSince: number | null
  readonly quietSince: number | null
}

/**
 * Seconds that a turn through all objects may take. Where nobody set that, and a whole turn has passed since events may last have
 * been missed or were, the next turns take as long as it needs for few requests a day.
 */
export function turnSeconds({ wanted, isSet, comparedSince, quietSince, objects, copies }: TurnFacts): number {
  const compared = comparedSince !== null && quietSince !== null && comparedSince >= quietSince
  if (wanted === 0 || isSet || !compared) return wanted
  const requests = requestsOfWhole * turnAhead * objects * copies
  return Math.min(longestTurn, Math.max(wanted, (requests * day) / turnRequestsADay))
}

/** Requests a day of the turns of one copy, at most; 0 seconds: none. */
export const turnRequests = (objects: number, seconds: number): number =>
  seconds === 0 ? 0 : (requestsOfWhole * turnAhead * objects * day) / seconds
