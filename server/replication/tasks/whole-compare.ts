// Listings tell nothing of tags, and not all of metadata. So at each sweep some of the objects that look equal are looked at
// themselves, in the order of their keys and from where the sweep before stopped, so that each is within `full_compare`.
import type { JournalEntry } from '../../db/copies/read-journal.ts'
import { turnAhead } from '../../domain/replica/sweep-cost.ts'
import { compareKeys } from '../../storage/compare-keys.ts'
import { lookAt, type Place, type Seen } from '../keys/carried.ts'

/** Where a turn through all keys is, and how far this sweep takes it. */
export type Turn = {
  /** The last key of the sweep before; null: the turn begins. */
  readonly after: string | null
  /** When it began, in milliseconds by PostgreSQL's clock. */
  readonly since: number
  /** So many objects at most. */
  readonly most: number
}

export type TurnEnd = {
  /** The last key that was looked at. */
  readonly key: string | null
  /** When the turn began. */
  readonly since: number
  /** All keys had their turn. */
  readonly ended: boolean
}

export type TurnWalk = {
  /** Whether it is this key's turn; keys come in their order. Those that it takes count. */
  takes(key: string): boolean
  /** What is left of it behind the keys so far. */
  rest(): Turn
  end(): TurnEnd
}

export function beginTurn({ after, since, most }: Turn): TurnWalk {
  let taken = 0
  let last = after
  return {
    takes(key) {
      const isNext = taken < most && (after === null || compareKeys(after, key) < 0)
      if (isNext) {
        taken++
        last = key
      }
      return isNext
    },
    rest: () => ({ after: last, since, most: most - taken }),
    end() {
      const ended = taken < most
      return { key: ended ? null : last, since, ended }
    },
  }
}

/** Longer pauses than this, or than was planned, are not made up for at once. */
const mostPauseS = 3_600

type Pace = {
  /** Seconds for a turn; 0: never. */
  readonly everyS: number
  /** Since the sweep before, and as it was planned. */
  readonly pauseS: number
  readonly plannedS: number
}

/** How many of `objects` this sweep looks at. A turn ends early, so that it ends in time though its sweeps come late. */
export function shareOf(objects: number, { everyS, pauseS, plannedS }: Pace): number {
  if (everyS === 0) return 0
  const pause = Math.min(pauseS, Math.max(mostPauseS, plannedS))
  return Math.ceil(objects * Math.min(1, (turnAhead * pause) / everyS))
}

/** The object at the master and its copy are, in everything that is carried, what the journal says. */
export function isWhole(journal: JournalEntry, source: Seen | null, target: Seen | null): boolean {
  if (source === null || target === null) return false
  const copied = source.etag === journal.sourceEtag && source.carried === journal.carried
  // Where nobody has looked yet, it should be as it was sent.
  const kept = target.carried === (journal.targetCarried ?? source.carried)
  return copied && target.etag === journal.targetEtag && kept
}

/** Reads both ends of one key. */
export async function lookWhole(master: Place, replica: Place, journal: JournalEntry, signal: AbortSignal) {
  const [source, target] = await Promise.all([
    lookAt(master, journal.key, signal),
    lookAt(replica, journal.key, signal),
  ])
  return { source: source?.seen ?? null, whole: isWhole(journal, source?.seen ?? null, target?.seen ?? null) }
}
