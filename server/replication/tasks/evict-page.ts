// Takes one page of a replica's keys away: what FaDO wrote and that still is what it wrote, with its versions.
import type { ReplicaFacts } from '../../db/copies/copies.ts'
import { journalDeletingAll } from '../../db/copies/journal-announce.ts'
import { forgetJournal, journalLeft } from '../../db/copies/journal-edits.ts'
import type { JournalRow } from '../../db/copies/journal-row.ts'
import { tellLateWrite } from '../../db/copies/late-writes.ts'
import type { JournalEntry } from '../../db/copies/read-journal.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { forEachOf } from '../for-each-of.ts'
import { Interrupted } from '../interrupted.ts'
import { lookAt, type Place } from '../keys/carried.ts'
import { keyStep } from '../keys/key-step.ts'
import { notDone } from '../keys/not-done.ts'
import type { Store } from '../stores/stores.ts'
import { addKept, deleteVersions, type Kept, nothingKept, versionsOf } from './delete-versions.ts'
import { type CurrentObject, ownVersions } from './own-versions.ts'
import type { TaskDeps, TaskRun } from './task-work.ts'

/** Whose the object is that is there now; `before`: what the journal says while FaDO's is deleted. */
type Looked = { readonly entry: JournalEntry; readonly current: CurrentObject; readonly before: JournalRow | null }
/** `versions`: the bucket keeps them. */
type Subject = { readonly replica: ReplicaFacts; readonly store: Store; readonly versions: boolean }

async function dropUpload({ driver, bucket }: Place, { key, uploadId }: JournalEntry, signal: AbortSignal) {
  if (uploadId !== null) await driver.abortUpload(bucket, key, uploadId, { signal }).catch(ignoreMissing)
}

async function look(place: Place, entry: JournalEntry, signal: AbortSignal): Promise<Looked> {
  const target = (await lookAt(place, entry.key, signal))?.seen ?? null
  const step = keyStep({ journal: entry, target, source: null, sameBytes: null })
  if (step.step === 'delete' && entry.state !== 'overwrite') return { entry, current: 'ours', before: step.before }
  // Anything else is not ours, or not what we wrote: it stays.
  return { entry, current: target === null ? 'none' : 'others', before: null }
}

/** A write that was cut off before anybody saw it may land yet, and would be nobody's if the journal forgot it. */
const mayLand = ({ entry, current }: Looked): boolean => entry.state === 'writing' && current === 'none'

/**
 * Resolves to what a retention keeps. The journal says what will go before the first of it goes (I9), and of what is being written
 * until it is there, or the bucket is gone.
 */
export async function evictPage(
  deps: TaskDeps,
  { signal, holds, claim: { runId } }: Pick<TaskRun, 'signal' | 'holds' | 'claim'>,
  { replica, store, versions }: Subject,
  page: readonly JournalEntry[],
): Promise<Kept> {
  const { perTask } = deps.limits
  const place = { driver: store.driver, bucket: replica.bucketName }
  const looked: Looked[] = []
  await forEachOf(page, perTask, async (entry) => {
    await dropUpload(place, entry, signal)
    looked.push(await look(place, entry, signal))
  })
  const doomed = looked.flatMap(({ entry, before }) => (before === null ? [] : [{ key: entry.key, before }]))
  const copy = { replicaId: replica.id, runId }
  const said = await journalDeletingAll(deps.pool, copy, doomed)
  if (doomed.some(({ key }) => !said.has(key))) throw new Interrupted('lease')

  const keptOf = new Map<string, Kept>()
  /** Keys of which a retention keeps versions, but no object. */
  const left: string[] = []
  const awaited = new Set(looked.filter(mayLand).map(({ entry }) => entry.key))
  /** Whose it is by now: time has passed since the page was looked at. What was not said to go then stays for the next time. */
  async function lookAgain({ entry, before }: Looked): Promise<CurrentObject> {
    const { current } = await look(place, entry, signal)
    if (current !== 'ours' || before !== null) return current
    awaited.add(entry.key)
    return 'others'
  }
  /** A mover that was stopped for a while may go on when its lease is over, and the copy is wanted and there again. */
  async function deleteObject(key: string, before: JournalRow): Promise<void> {
    if (!holds()) throw new Interrupted('lease')
    try {
      await store.driver.delete(replica.bucketName, key, { signal })
    } finally {
      const { id: replicaId, epoch, generation } = replica
      if (!holds()) await tellLateWrite(deps.pool, { guard: { replicaId, epoch, generation }, key, what: before })
    }
  }
  if (!versions)
    await forEachOf(looked, perTask, async (one) => {
      const { entry, before } = one
      if (before === null || (await lookAgain(one)) !== 'ours') return
      await deleteObject(entry.key, before)
      // What is forgotten is nobody's: first it must be gone.
      const there = await store.driver.head(replica.bucketName, entry.key, { signal })
      if (there?.etag === before.targetEtag) throw notDone(store.name, entry.key)
    })
  else
    await forEachOf(looked, perTask, async (one) => {
      const { key, state, targetEtag: etag } = one.entry
      const all = await versionsOf(store, replica.bucketName, key, signal)
      // After they were listed: what somebody writes from now on is none of them.
      const current = await lookAgain(one)
      const own = ownVersions({ versions: all, state, etag, current })
      const kept = await deleteVersions(store, replica.bucketName, own, signal)
      if (kept.versions === 0) return
      keptOf.set(key, kept)
      if (current !== 'ours' || (await lookAt(place, key, signal)) === null) left.push(key)
    })
  const done = page.map(({ key }) => key).filter((key) => !keptOf.has(key) && !awaited.has(key))
  await forgetJournal(deps.pool, copy, done)
  await journalLeft(deps.pool, copy, left)
  return [...keptOf.values()].reduce(addKept, nothingKept)
}

function ignoreMissing(error: unknown): void {
  const missing = error instanceof StorageError && (error.kind === 'no-such-bucket' || error.kind === 'no-such-upload')
  if (!missing) throw error
}
