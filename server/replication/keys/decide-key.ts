// What to do about one key of one copy. Pure: the journal's row, what the replica's store shows, what the master shows (all
// read just now, in this order), and the answer. Whoever wrote the object on the replica's store decides most of it.
import { isUnseen, type JournalRow } from '../../db/copies/journal-row.ts'
import { differ, mayBeOfWrite, type Seen } from './carried.ts'

export type KeyFacts = {
  readonly journal: JournalRow | null
  readonly target: Seen | null
  /** Null: deleted at the master, whose bucket was there to say so. */
  readonly source: Seen | null
  /** Whether both have the same bytes, where that was read; null: not yet. */
  readonly sameBytes: boolean | null
  /** A user gave the copy to FaDO: what has the master's bytes becomes FaDO's. Default: false. */
  readonly takingOver?: boolean
}

export type KeyAction =
  | { readonly action: 'nothing'; readonly reason: 'equal' | 'absent' | 'not-ours' }
  /** What is there is right; the journal must say so. */
  | { readonly action: 'record'; readonly state: 'there' | 'foreign'; readonly reason: 'equal' | 'foreign-equal' }
  /** Nothing of ours is there: the journal's row goes. */
  | { readonly action: 'forget'; readonly reason: 'absent' | 'not-ours' }
  /** `replaced`: what is there and may be replaced as it is; null: the copy is made only if nothing is there. */
  | {
      readonly action: 'copy'
      readonly source: Seen
      readonly replaced: Seen | null
      readonly reason: 'missing' | 'bytes' | 'metadata' | 'ordered'
    }
  | {
      readonly action: 'delete'
      readonly target: Seen
      readonly journal: JournalRow
      readonly reason: 'gone' | 'ordered'
    }
  /** It has the master's bytes and becomes ours; what is beside them is to be made the master's. */
  | { readonly action: 'amend'; readonly source: Seen; readonly target: Seen }
  /** In the way and not to be touched without an order. */
  | { readonly action: 'conflict'; readonly reason: 'foreign' | 'changed' }
  /** Only the bytes can tell: compare them and ask again. */
  | { readonly action: 'compare'; readonly source: Seen; readonly target: Seen }

const compare = (source: Seen, target: Seen): KeyAction => ({ action: 'compare', source, target })

type Owner = 'ours' | 'ordered' | 'foreign' | 'changed' | 'unknown'

/** Same bytes? Null: ETags and sizes cannot tell. */
function bytesEqual(a: Seen, b: Seen, sameBytes: boolean | null): boolean | null {
  if (a.size !== b.size) return false
  if (a.etag === b.etag) return true
  return differ(a, b) ? false : sameBytes
}

function equal(source: Seen, target: Seen, sameBytes: boolean | null): boolean | null {
  return source.carried === target.carried ? bytesEqual(source, target, sameBytes) : false
}

/**
 * The object on the replica's store is the one that the row describes. Of one that nobody has looked at yet the time tells, or that
 * it is all that was sent: some servers (fasthttp, under versitygw) answer by a clock at which they look once a second.
 */
export const isDescribed = (journal: JournalRow, target: Seen): boolean =>
  journal.targetEtag === target.etag &&
  (isUnseen(journal)
    ? journal.carried === target.carried || mayBeOfWrite(target.lastModified, journal.targetModified)
    : journal.targetCarried === target.carried)

/** After a crash in the middle of a write: what was there before, or what would be there after. */
function ownerOfWritten(journal: JournalRow, target: Seen, source: Seen | null, sameBytes: boolean | null): Owner {
  const other = journal.verified ? 'changed' : 'foreign'
  if (isDescribed(journal, target)) return 'ours'
  if (target.size !== journal.size) return other
  if (target.etag === journal.sourceEtag) return 'ours'
  // The ETag of what would be there cannot be foretold: the bytes decide, while the source still has them.
  if (source === null || source.etag !== journal.sourceEtag) return other
  const same = bytesEqual(source, target, sameBytes)
  if (same === null) return 'unknown'
  return same ? 'ours' : other
}

function ownerOf({ journal, target, source, sameBytes }: KeyFacts & { target: Seen }): Owner {
  switch (journal?.state) {
    case undefined:
    case 'foreign':
    case 'left':
      return 'foreign'
    case 'there':
    case 'deleting':
      return isDescribed(journal, target) ? 'ours' : 'changed'
    case 'refused':
      if (isDescribed(journal, target)) return 'ours'
      return journal.verified ? 'changed' : 'foreign'
    case 'writing':
      return ownerOfWritten(journal, target, source, sameBytes)
    case 'overwrite':
      if (isDescribed(journal, target)) return 'ordered'
      return journal.verified ? 'changed' : 'foreign'
    case 'conflict':
      return journal.verified ? 'changed' : 'foreign'
  }
}

function decideGone(facts: KeyFacts): KeyAction {
  const { journal, target } = facts
  // Its versions are still to go with the copy.
  if (journal?.state === 'left') return { action: 'nothing', reason: target === null ? 'absent' : 'not-ours' }
  const leave = (reason: 'absent' | 'not-ours'): KeyAction => ({
    action: journal === null ? 'nothing' : 'forget',
    reason,
  })
  if (target === null) return leave('absent')
  if (journal === null) return leave('not-ours')
  switch (ownerOf({ ...facts, target })) {
    case 'ours':
      return { action: 'delete', target, journal, reason: 'gone' }
    case 'ordered':
      return journal.verified ? { action: 'delete', target, journal, reason: 'ordered' } : leave('not-ours')
    case 'changed':
      return { action: 'conflict', reason: 'changed' }
    case 'foreign':
    case 'unknown':
      return leave('not-ours')
  }
}

function decideOurs(journal: JournalRow, target: Seen, source: Seen, sameBytes: boolean | null): KeyAction {
  const sameVersion = journal.sourceEtag === source.etag && journal.carried === source.carried
  // Of a copy that nobody has looked at since it was written, what is beside the bytes is as it was sent, or is sent again.
  if (journal.state === 'there' && sameVersion && !isUnseen(journal)) {
    return journal.sourceModified === source.lastModified
      ? { action: 'nothing', reason: 'equal' }
      : { action: 'record', state: 'there', reason: 'equal' }
  }
  if (equal(source, target, sameBytes) === true) return { action: 'record', state: 'there', reason: 'equal' }
  const bytes = bytesEqual(source, target, sameBytes) ?? journal.sourceEtag === source.etag
  return { action: 'copy', source, replaced: target, reason: bytes ? 'metadata' : 'bytes' }
}

/** Null: it has other bytes, so it is in the way like any other. */
function decideTakeover(source: Seen, target: Seen, sameBytes: boolean | null): KeyAction | null {
  const bytes = bytesEqual(source, target, sameBytes)
  if (bytes === null) return compare(source, target)
  if (!bytes) return null
  if (source.carried === target.carried) return { action: 'record', state: 'there', reason: 'equal' }
  return { action: 'amend', source, target }
}

export function decideKey(facts: KeyFacts): KeyAction {
  const { journal, target, source, sameBytes, takingOver = false } = facts
  if (source === null) return decideGone(facts)
  if (target === null) return { action: 'copy', source, replaced: null, reason: 'missing' }
  const owner = ownerOf({ ...facts, target })
  switch (owner) {
    case 'unknown':
      return compare(source, target)
    case 'ours':
      if (journal !== null) return decideOurs(journal, target, source, sameBytes)
      break
    case 'ordered':
    case 'foreign':
    case 'changed':
      break
  }
  const taken = takingOver && owner !== 'changed' ? decideTakeover(source, target, sameBytes) : null
  if (taken !== null) return taken
  const same = equal(source, target, sameBytes)
  if (same === null) return compare(source, target)
  if (same) return { action: 'record', state: 'foreign', reason: 'foreign-equal' }
  if (owner === 'ordered') return { action: 'copy', source, replaced: target, reason: 'ordered' }
  return { action: 'conflict', reason: owner === 'changed' ? 'changed' : 'foreign' }
}
