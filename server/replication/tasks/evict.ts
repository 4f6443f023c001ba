// Takes a replica away: what FaDO wrote and that still is what it wrote, then the bucket if nothing else is in it.
import { setTimeout as delay } from 'node:timers/promises'
import { type BucketFacts, loadCopy, type ReplicaFacts } from '../../db/copies/copies.ts'
import { beginEviction, endEviction, resumeEvicted } from '../../db/copies/evictions.ts'
import { noteForeignBucket } from '../../db/copies/foreign-buckets.ts'
import { countOurs } from '../../db/copies/journal-counts.ts'
import { readJournal } from '../../db/copies/read-journal.ts'
import { isBeingWritten } from '../../db/queue/dirty-objects.ts'
import type { TaskEnd } from '../../domain/replica/task-end.ts'
import type { ObjectVersion } from '../../storage/object-version.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { backoffMs } from '../backoff.ts'
import { Interrupted } from '../interrupted.ts'
import type { Store } from '../stores/stores.ts'
import { keepsVersions } from '../stores/versioning.ts'
import { addKept, afterRetention, deletePass, type KeptByRetention, nothingKept } from './delete-versions.ts'
import { isOurBucket } from './ensure-bucket.ts'
import { evictPage } from './evict-page.ts'
import { proveOtherCopy } from './prove-other-copy.ts'
import { againIn, finished, gone, type TaskDeps, type TaskRun } from './task-work.ts'

/** False: something that is not ours keeps it. */
async function deleteBucket(replica: ReplicaFacts, store: Store, signal: AbortSignal): Promise<boolean> {
  for await (const page of store.driver.list(replica.bucketName, { signal })) if (page.length > 0) return false
  try {
    await store.driver.deleteBucket(replica.bucketName, { signal })
    return true
  } catch (error) {
    if (error instanceof StorageError && error.kind === 'no-such-bucket') return true
    if (error instanceof StorageError && error.kind === 'conflict') return false
    throw error
  }
}

/** Of the keys that nobody has any object of, what says that they were deleted. */
const markersAlone = (ofKey: readonly ObjectVersion[]) => (ofKey.every(({ isMarker }) => isMarker) ? ofKey : [])

type Cleared = {
  /** Something that is not ours keeps the bucket. */
  readonly bucketLeft: boolean
  readonly kept: KeptByRetention
}

/** Takes away what is ours, as far as no retention forbids it. */
async function clear(deps: TaskDeps, run: TaskRun, replica: ReplicaFacts): Promise<Cleared> {
  const { signal } = run
  const store = await deps.stores.get(replica.storageId)
  const head = await store.driver.headBucket(replica.bucketName, { signal })
  if (head === null) return { bucketLeft: false, kept: nothingKept }
  if (!(await isOurBucket(deps, replica, store, head.serverDate, signal)))
    return { bucketLeft: true, kept: nothingKept }
  const versions = await keepsVersions(store, replica.bucketName, signal)
  const found = { objects: await countOurs(deps.pool, replica.id), bytes: null }
  run.tell({ found })
  for (let waited = false; ; waited = true) {
    let kept = nothingKept
    for await (const page of readJournal(deps.pool, replica.id, 0)) {
      kept = addKept(kept, await evictPage(deps, run, { replica, store, versions }, page))
      signal.throwIfAborted()
    }
    if (kept.versions > 0) return { bucketLeft: true, kept }
    run.tell({ done: found })
    if (versions) await deletePass(deps, store, replica.bucketName, markersAlone, signal)
    if (await deleteBucket(replica, store, signal)) return { bucketLeft: false, kept }
    // What keeps it may be a write that was cut off, which landed after its key was looked at.
    if (waited || (await countOurs(deps.pool, replica.id)) === 0) return { bucketLeft: true, kept }
    await delay(deps.times.lateWrite, undefined, { signal })
  }
}

/** Null: the eviction may begin, or goes on. */
async function mayBegin(
  deps: TaskDeps,
  run: TaskRun,
  bucket: BucketFacts,
  replica: ReplicaFacts,
): Promise<TaskEnd | null> {
  if (replica.observed === 'deleting') return null
  if (bucket.state !== 'deleting') {
    const doubt = await proveOtherCopy(deps, run, { bucket, replica })
    if (doubt !== null) {
      const { backoff, maxBackoff } = deps.times
      const wait = backoffMs(run.claim.attempts, 4 * backoff, maxBackoff, Math.random())
      const { name: store } = await deps.stores.get(replica.storageId)
      return { end: 'again', seconds: wait / 1000, failed: true, trouble: { kind: 'last_copy', store, doubt } }
    }
  }
  const begun = await deps.pool.transaction((tx) => beginEviction(tx, replica.id, replica.generation))
  return begun ? null : againIn(deps.times.guard) // decided otherwise meanwhile: look again
}

/** What is kept stays shown as what it is; a copy that is wanted again goes on with it. */
async function waitForRetention(deps: TaskDeps, replica: ReplicaFacts, kept: KeptByRetention): Promise<TaskEnd> {
  const { name } = await deps.stores.get(replica.storageId)
  if (!replica.wanted) return afterRetention(name, kept, deps.times, Date.now())
  await deps.pool.transaction((tx) => resumeEvicted(tx, replica.id))
  return gone
}

export async function evict(deps: TaskDeps, run: TaskRun): Promise<TaskEnd> {
  const { claim } = run
  const { pool, times } = deps
  const copy = await loadCopy(pool, claim.bucketId, claim.storageId)
  if (copy === null || copy.replica === null) return gone
  const { bucket, replica } = copy
  // A delete that has begun is finished, also when the copy is wanted again.
  if (replica.wanted && replica.observed !== 'deleting') return gone
  if (replica.released) return gone // its data stays
  if (await isBeingWritten(pool, claim.bucketId, claim.storageId, times.lateWrite / 1000)) return againIn(times.guard)
  const wait = await mayBegin(deps, run, bucket, replica)
  if (wait !== null) return wait
  const nothing = { bucketLeft: false, kept: nothingKept }
  const { bucketLeft, kept } = replica.createSentAt === null ? nothing : await clear(deps, run, replica)
  if (kept.versions > 0) return waitForRetention(deps, replica, kept)
  await pool.transaction(async (tx) => {
    if (bucketLeft) await noteForeignBucket(tx, replica.id)
    if (!(await endEviction(tx, { replicaId: replica.id, runId: claim.runId }))) throw new Interrupted('lease')
  })
  return finished
}
