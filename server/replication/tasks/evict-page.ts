// Takes one page of a replica's keys away.
import { journalDeletingAll } from '../../db/copies/journal-announce.ts'
import { forgetJournal, journalLeft } from '../../db/copies/journal-edits.ts'
import type { JournalEntry } from '../../db/copies/read-journal.ts'
import { forEachOf } from '../for-each-of.ts'
import { Interrupted } from '../interrupted.ts'
import { addKept, type KeptByRetention, nothingKept } from './delete-versions.ts'
import {
  type DoomedCopy,
  dropUpload,
  type EvictedKey,
  type Looked,
  look,
  takeObject,
  takeVersions,
} from './evict-key.ts'
import type { TaskDeps, TaskRun } from './task-work.ts'

/**
 * Resolves to what a retention keeps. The journal says what will go before the first of it goes (I9), and of what is being written
 * until it is there, or the bucket is gone.
 */
export async function evictPage(
  { pool, limits: { perTask } }: TaskDeps,
  { signal, holds, claim: { runId } }: Pick<TaskRun, 'signal' | 'holds' | 'claim'>,
  doomed: DoomedCopy,
  page: readonly JournalEntry[],
): Promise<KeptByRetention> {
  const eviction = { ...doomed, pool, signal, holds }
  const copy = { replicaId: doomed.replica.id, runId }
  const looked: Looked[] = []
  await forEachOf(page, perTask, async (entry) => {
    await dropUpload(eviction, entry)
    looked.push(await look(eviction, entry))
  })
  const going = looked.flatMap(({ entry, before }) => (before === null ? [] : [{ key: entry.key, before }]))
  const said = await journalDeletingAll(pool, copy, going)
  if (going.some(({ key }) => !said.has(key))) throw new Interrupted('lease')

  const take = doomed.versions ? takeVersions : takeObject
  const ends = new Map<string, EvictedKey>()
  await forEachOf(looked, perTask, async (one) => ends.set(one.entry.key, await take(eviction, one)))
  const keysThatAre = (end: EvictedKey['end']) => [...ends].flatMap(([key, one]) => (one.end === end ? [key] : []))
  await forgetJournal(pool, copy, keysThatAre('forgotten'))
  await journalLeft(pool, copy, keysThatAre('left'))
  return [...ends.values()].map(({ kept }) => kept).reduce(addKept, nothingKept)
}
