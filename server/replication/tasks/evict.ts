// Takes a replica away: what FaDO wrote and that still is what it wrote, then the bucket if nothing else is in it.
import { type BucketFacts, loadCopy, type ReplicaFacts } from '../../db/copies/copies.ts'
import { beginEviction, endEviction } from '../../db/copies/evictions.ts'
import { noteForeignBucket } from '../../db/copies/foreign-buckets.ts'
import {
  forgetJournal,
  type JournalEntry,
  type JournalRow,
  journalDeletingAll,
  readJournal,
} from '../../db/copies/journal.ts'
import { isBeingWritten } from '../../db/queue/dirty-objects.ts'
import type { TaskEnd } from '../../db/queue/replica-tasks.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { backoffMs } from '../backoff.ts'
import { lookAt } from '../keys/carried.ts'
import { keyStep } from '../keys/key-step.ts'
import type { Store } from '../stores/stores.ts'
import { isOurBucket } from './ensure-bucket.ts'
import { proveOtherCopy } from './prove-other-copy.ts'
import { againIn, forEachOf, gone, type TaskDeps, type TaskRun, tellAll } from './task-work.ts'

async function deletePage(
  deps: TaskDeps,
  run: TaskRun,
  replica: ReplicaFacts,
  store: Store,
  page: readonly JournalEntry[],
): Promise<void> {
  const place = { driver: store.driver, bucket: replica.bucketName }
  const doomed: { readonly key: string; readonly before: JournalRow }[] = []
  await forEachOf(page, deps.limits.perTask, async (entry) => {
    const { key, uploadId } = entry
    if (uploadId !== null)
      await store.driver.abortUpload(replica.bucketName, key, uploadId, { signal: run.signal }).catch(ignoreMissing)
    const target = (await lookAt(place, key, run.signal))?.seen ?? null
    const step = keyStep({ journal: entry, target, source: null, sameBytes: null })
    // Anything else is not ours, or not what we wrote: it stays.
    if (step.step === 'delete' && entry.state !== 'overwrite') doomed.push({ key, before: step.before })
  })
  await journalDeletingAll(deps.pool, replica.id, doomed)
  await forEachOf(doomed, deps.limits.perTask, ({ key }) =>
    store.driver.delete(replica.bucketName, key, { signal: run.signal }),
  )
  await forgetJournal(
    deps.pool,
    replica.id,
    page.map((entry) => entry.key),
  )
}

function ignoreMissing(error: unknown): void {
  const missing = error instanceof StorageError && (error.kind === 'no-such-bucket' || error.kind === 'no-such-upload')
  if (!missing) throw error
}

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

/** True: nothing but foreign objects is left. */
async function clear(deps: TaskDeps, run: TaskRun, replica: ReplicaFacts): Promise<{ readonly bucketLeft: boolean }> {
  const { signal } = run
  const store = await deps.stores.get(replica.storageId)
  const head = await store.driver.headBucket(replica.bucketName, { signal })
  if (head === null) return { bucketLeft: false }
  if (!(await isOurBucket(deps, replica, store, head.serverDate, signal))) return { bucketLeft: true }
  for await (const page of readJournal(deps.pool, replica.id, 0)) {
    await deletePage(deps, run, replica, store, page)
    signal.throwIfAborted()
  }
  return { bucketLeft: !(await deleteBucket(replica, store, signal)) }
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
  const begun = await deps.pool.transaction((sql) => beginEviction(sql, replica.id, replica.generation))
  if (begun) tellAll(deps)
  return begun ? null : againIn(deps.times.guard) // decided otherwise meanwhile: look again
}

export async function evict(deps: TaskDeps, run: TaskRun): Promise<TaskEnd> {
  const { claim } = run
  const { pool, times } = deps
  const copy = await loadCopy(pool, claim.bucketId, claim.storageId)
  if (copy === null || copy.replica === null) return gone
  const { bucket, replica } = copy
  // A delete that has begun is finished, also when the copy is wanted again.
  if (replica.wanted && replica.observed !== 'deleting') return gone
  if (await isBeingWritten(pool, claim.bucketId, claim.storageId, times.lateWrite / 1000)) return againIn(times.guard)
  const wait = await mayBegin(deps, run, bucket, replica)
  if (wait !== null) return wait
  const { bucketLeft } = replica.createSentAt === null ? { bucketLeft: false } : await clear(deps, run, replica)
  await pool.transaction(async (sql) => {
    if (bucketLeft) await noteForeignBucket(sql, replica.id)
    await endEviction(sql, replica.id)
  })
  tellAll(deps)
  return gone
}
