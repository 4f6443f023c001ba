// Takes one key of a replica away: what FaDO wrote and that still is what it wrote, with its versions.
import type { ReplicaFacts } from '../../db/copies/copies.ts'
import type { JournalRow } from '../../db/copies/journal-row.ts'
import { tellLateWrite } from '../../db/copies/late-writes.ts'
import type { JournalEntry } from '../../db/copies/read-journal.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { Interrupted } from '../interrupted.ts'
import { lookAt } from '../keys/carried.ts'
import { keyStep } from '../keys/key-step.ts'
import { notDone } from '../keys/not-done.ts'
import type { Store } from '../stores/stores.ts'
import { deleteVersions, type KeptByRetention, nothingKept, versionsOf } from './delete-versions.ts'
import { type CurrentObject, ownVersions } from './own-versions.ts'
import type { TaskDeps, TaskRun } from './task-work.ts'

/** The copy that goes; `versions`: its bucket keeps them. */
export type DoomedCopy = { readonly replica: ReplicaFacts; readonly store: Store; readonly versions: boolean }
export type Eviction = DoomedCopy & Pick<TaskDeps, 'pool'> & Pick<TaskRun, 'signal' | 'holds'>

/** Whose the object is that is there now; `before`: what the journal says while FaDO's is deleted. */
export type Looked = {
  readonly entry: JournalEntry
  readonly current: CurrentObject
  readonly before: JournalRow | null
}

/**
 * What the journal says then: `forgotten`, nothing; `awaited`, what it said, for what is FaDO's may be there yet; `kept`, that too, for
 * a retention keeps versions; `left`, that versions are kept but no object.
 */
export type EvictedKey = { readonly end: 'forgotten' | 'awaited' | 'kept' | 'left'; readonly kept: KeptByRetention }
const forgotten: EvictedKey = { end: 'forgotten', kept: nothingKept }
const awaited: EvictedKey = { end: 'awaited', kept: nothingKept }

const placeOf = ({ store: { driver }, replica: { bucketName: bucket } }: Eviction) => ({ driver, bucket })

export async function dropUpload({ store, replica, signal }: Eviction, { key, uploadId }: JournalEntry): Promise<void> {
  if (uploadId === null) return
  await store.driver.abortUpload(replica.bucketName, key, uploadId, { signal }).catch((error: unknown) => {
    const isMissing =
      error instanceof StorageError && (error.kind === 'no-such-bucket' || error.kind === 'no-such-upload')
    if (!isMissing) throw error
  })
}

export async function look(eviction: Eviction, entry: JournalEntry): Promise<Looked> {
  const target = (await lookAt(placeOf(eviction), entry.key, eviction.signal))?.seen ?? null
  const step = keyStep({ journal: entry, target, source: null, sameBytes: null })
  if (step.step === 'delete' && entry.state !== 'overwrite') return { entry, current: 'ours', before: step.before }
  // Anything else is not ours, or not what we wrote: it stays.
  return { entry, current: target === null ? 'none' : 'others', before: null }
}

/** A write that was cut off before anybody saw it may land yet, and would be nobody's if the journal forgot it. */
const mayLand = ({ entry, current }: Looked): boolean => entry.state === 'writing' && current === 'none'

/** A mover that was stopped for a while may go on when its lease is over, and the copy is wanted and there again. */
async function deleteObject(eviction: Eviction, key: string, before: JournalRow): Promise<void> {
  const { pool, store, replica, signal, holds } = eviction
  const { id: replicaId, bucketName, epoch, generation } = replica
  if (!holds()) throw new Interrupted('lease')
  try {
    await store.driver.delete(bucketName, key, { signal })
  } finally {
    if (!holds()) await tellLateWrite(pool, { guard: { replicaId, epoch, generation }, key, what: before })
  }
  // What is forgotten is nobody's: first it must be gone.
  const there = await store.driver.head(bucketName, key, { signal })
  if (there?.etag === before.targetEtag) throw notDone(store.name, key)
}

/** `looked`: when the page was. Time has passed since, so whose the object is by now is looked at once more, right before it goes. */
export async function takeObject(eviction: Eviction, looked: Looked): Promise<EvictedKey> {
  const { entry, before } = looked
  if (before === null) return mayLand(looked) ? awaited : forgotten
  if ((await look(eviction, entry)).current === 'ours') await deleteObject(eviction, entry.key, before)
  return forgotten
}

/** The same for a bucket that keeps versions: all that are FaDO's go. */
export async function takeVersions(eviction: Eviction, looked: Looked): Promise<EvictedKey> {
  const { store, replica, signal } = eviction
  const { key, state, targetEtag: etag } = looked.entry
  const versions = await versionsOf(store, replica.bucketName, key, signal)
  // After they were listed: what somebody writes from now on is none of them.
  const now = (await look(eviction, looked.entry)).current
  // What was not said to go stays for the next time.
  const isUnsaid = now === 'ours' && looked.before === null
  const current = isUnsaid ? 'others' : now
  const own = ownVersions({ versions, state, etag, current })
  const kept = await deleteVersions(store, replica.bucketName, own, signal)
  if (kept.versions === 0) return isUnsaid || mayLand(looked) ? awaited : forgotten
  const hasObject = current === 'ours' && (await lookAt(placeOf(eviction), key, signal)) !== null
  return { end: hasObject ? 'kept' : 'left', kept }
}
