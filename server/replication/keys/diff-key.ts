// What a comparison of listings says of one key. Pure. A listing only suggests: a key that may differ is looked at itself.
import { isUnseen, type JournalState } from '../../db/copies/journal-row.ts'
import type { JournalEntry } from '../../db/copies/read-journal.ts'
import type { ListedObject, ObjectHead } from '../../storage/storage-values.ts'
import { mayBeOfWrite } from './carried.ts'

export type KeyFinding =
  /** As it should be, or not FaDO's business. */
  | 'same'
  /** May differ: look at it. */
  | 'look'
  /** The master has it no more and FaDO wrote it: would be deleted. */
  | 'delete'

const seconds = (ms: number | null): number | null => (ms === null ? null : Math.floor(ms / 1000))

/** Listings tell milliseconds, HEAD whole seconds. */
const sameTime = (listed: number, journaled: number | null): boolean =>
  journaled === null || seconds(listed) === seconds(journaled)

function isAsJournaled(master: ListedObject, journal: JournalEntry, replica: ListedObject | undefined): boolean {
  const source = master.etag === journal.sourceEtag && sameTime(master.lastModified, journal.sourceModified)
  if (replica === undefined) return source && journal.targetEtag === null && journal.state === 'refused'
  const unseen = isUnseen(journal) && mayBeOfWrite(replica.lastModified, journal.targetModified)
  return (
    source && replica.etag === journal.targetEtag && (unseen || sameTime(replica.lastModified, journal.targetModified))
  )
}

/** Nothing is under way or ordered. */
const settled: ReadonlySet<JournalState> = new Set(['there', 'refused', 'foreign', 'conflict'])

export function diffKey(
  master: ListedObject | undefined,
  journal: JournalEntry | undefined,
  replica: ListedObject | undefined,
): KeyFinding {
  if (journal === undefined) return master === undefined ? 'same' : 'look'
  if (master !== undefined) {
    return settled.has(journal.state) && isAsJournaled(master, journal, replica) ? 'same' : 'look'
  }
  switch (journal.state) {
    case 'there':
    case 'writing':
    case 'deleting':
      return replica === undefined ? 'look' : 'delete'
    case 'refused':
      return replica === undefined || journal.targetEtag === null ? 'look' : 'delete'
    case 'conflict': {
      // A copy that somebody changed stays a conflict when the master has it no more; a foreign object does not matter then.
      const changed = journal.verified && journal.sourceEtag === null && replica?.etag === journal.targetEtag
      return changed ? 'same' : 'look'
    }
    case 'left':
      return 'same'
    case 'foreign':
    case 'overwrite':
      return 'look'
  }
}

/**
 * The same of a key that a listing lacks though it may only hide it, after both stores were asked for its object.
 * `inReplica`: the replica's listing has it.
 */
export function diffHidden(
  master: Pick<ObjectHead, 'etag'> | null,
  journal: Pick<JournalEntry, 'sourceEtag' | 'targetEtag'>,
  replica: Pick<ObjectHead, 'etag'> | null,
  inReplica: boolean,
): KeyFinding {
  if (master !== null)
    return master.etag === journal.sourceEtag && replica?.etag === journal.targetEtag ? 'same' : 'look'
  return inReplica || replica !== null ? 'delete' : 'look'
}
