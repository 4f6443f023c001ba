// What a comparison of a whole copy does about one key of its listings. Pure: `diffKey` says what the listings say, and here is what
// is not to be believed of it yet.
import type { JournalEntry } from '../../db/copies/read-journal.ts'
import { mayBeHidden } from '../../storage/hidden-keys.ts'
import type { ListedObject } from '../../storage/storage-values.ts'
import { diffKey } from '../keys/diff-key.ts'
import type { Joined } from './merge-join.ts'

/** At the master, in the journal, at the replica. */
export type ListedKey = Joined<ListedObject, JournalEntry, ListedObject>

export type ListedFinding =
  /** As it should be, not FaDO's business, or looked at anyway. */
  | { readonly is: 'nothing' }
  /** Equal as far as listings tell. */
  | { readonly is: 'equal'; readonly journal: JournalEntry }
  /** May differ. `size`: what is to be copied; null: nobody knows whether anything is. */
  | { readonly is: 'look'; readonly size: number | null; readonly lastModified: number | null }
  /** The listings lack it, though they may only hide it: the stores are to be asked. */
  | { readonly is: 'suspect'; readonly journal: JournalEntry; readonly inReplica: boolean }

const nothing: ListedFinding = { is: 'nothing' }

/** `bulk`: of a first sync, which waits for what it marks. */
export function judgeListed({ key, a: listed, b: journal, c: copy }: ListedKey, bulk: boolean): ListedFinding {
  // A dirty key is looked at anyway. But deletes of which nobody told are counted together, dirty or not: else a hundred
  // that are looked at one after the other would pass the brake one by one.
  if (journal?.waiting === true && !bulk && (journal.deleteTold || listed !== undefined)) return nothing
  const finding = diffKey(listed, journal, copy)
  if (finding === 'same')
    return listed !== undefined && journal !== undefined && copy !== undefined ? { is: 'equal', journal } : nothing
  const mayHide = journal?.state === 'there' && copy === undefined && mayBeHidden(key)
  if (finding === 'look' && !mayHide) {
    const isForeign = journal === undefined && copy !== undefined
    return { is: 'look', size: isForeign ? null : (listed?.size ?? null), lastModified: listed?.lastModified ?? null }
  }
  // What was written since the listing began cannot be missing in it.
  return journal?.older === true ? { is: 'suspect', journal, inReplica: copy !== undefined } : nothing
}
