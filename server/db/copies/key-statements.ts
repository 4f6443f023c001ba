// What movers read and write for single keys, a statement for all that ask at the same time.
import { grouped } from '../core/grouped.ts'
import { databaseOutage } from '../core/outage.ts'
import type { Pool } from '../core/pool.ts'
import { recordObjects, type SeenObject } from '../queue/record-objects.ts'
import { type CopyOfKey, type CopyQuestion, loadCopiesOfKeys } from './copies.ts'
import { journalDeleting, journalWritings, type PlannedWrite } from './journal-announce.ts'
import { type JournalEdit, putJournal } from './journal-edits.ts'
import { type ClaimedObject, type FinishedObject, finishObjects } from './object-claims.ts'
import { knownEtags } from './object-records.ts'

export type KeyStatements = {
  /** Null: there is no such bucket. */
  load(id: CopyQuestion): Promise<CopyOfKey | null>
  /** Says what will be written, and over what. False: it is not allowed any more, and nothing was said. */
  journalWriting(write: PlannedWrite): Promise<boolean>
  /** Says which object will be deleted; by a statement of its own. False: as above. */
  journalDeleting(write: PlannedWrite): Promise<boolean>
  putJournal(edit: JournalEdit): Promise<void>
  finish(claim: ClaimedObject): Promise<FinishedObject>
  knownEtag(object: { readonly bucketId: string; readonly key: string }): Promise<string | null>
  record(object: SeenObject): Promise<void>
}

/** `owner`: of the claims. */
export function createKeyStatements(pool: Pool, owner: string): KeyStatements {
  const group = <Item, Answer>(askAll: (items: readonly Item[]) => Promise<readonly Answer[]>) =>
    grouped(askAll, (error) => databaseOutage(error) !== undefined)
  const all = <Item>(write: (items: readonly Item[]) => Promise<void>) =>
    group(async (items: readonly Item[]) => {
      await write(items)
      return items.map(() => undefined)
    })
  return {
    load: group((ids: readonly CopyQuestion[]) => loadCopiesOfKeys(pool, ids)),
    journalWriting: group((writes: readonly PlannedWrite[]) => journalWritings(pool, owner, writes)),
    journalDeleting: (write) => journalDeleting(pool, owner, write),
    putJournal: all((edits: readonly JournalEdit[]) => putJournal(pool.lazily, owner, edits)),
    finish: group((claims: readonly ClaimedObject[]) => finishObjects(pool.lazily, owner, claims)),
    knownEtag: group((objects: readonly { readonly bucketId: string; readonly key: string }[]) =>
      knownEtags(pool, objects),
    ),
    record: all((objects: readonly SeenObject[]) => recordObjects(pool.lazily, objects)),
  }
}
