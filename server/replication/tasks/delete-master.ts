// The master's part of a bucket's deletion: only with deleteData is anything of it deleted.
import { type BucketFacts, loadCopy } from '../../db/copies/copies.ts'
import { recordMasterDone } from '../../db/copies/master.ts'
import { loadMoverPolicies } from '../../db/copies/mover-policies.ts'
import type { TaskEnd } from '../../domain/replica/task-end.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { forEachOf } from '../for-each-of.ts'
import { notDone } from '../keys/not-done.ts'
import { identifyMaster } from '../stores/master-bucket.ts'
import type { Store } from '../stores/stores.ts'
import { keepsVersions } from '../stores/versioning.ts'
import { afterRetention, deletePass, type KeptByRetention, nothingKept } from './delete-versions.ts'
import { againIn, gone, type TaskDeps, type TaskRun } from './task-work.ts'

const isMissing = (error: unknown): boolean => error instanceof StorageError && error.kind === 'no-such-bucket'

async function unsubscribe(deps: TaskDeps, bucket: BucketFacts, master: Store, signal: AbortSignal): Promise<void> {
  const policies = await loadMoverPolicies(deps.pool, bucket.id)
  if (!policies.subscribes) return
  try {
    await master.driver.unsubscribe(bucket.masterBucket, { signal })
  } catch (error) {
    const unknown = error instanceof StorageError && error.kind === 'unsupported' // then there is no entry of ours
    if (!isMissing(error) && !unknown) throw error
  }
}

/** One pass over all objects. Resolves to the first of them; null: there were none. */
async function deleteObjects(deps: TaskDeps, run: TaskRun, bucket: BucketFacts, master: Store): Promise<string | null> {
  const { signal } = run
  let first: string | null = null
  for await (const page of master.driver.list(bucket.masterBucket, { signal })) {
    first ??= page[0]?.key ?? null
    await forEachOf(page, deps.limits.perTask, ({ key }) => master.driver.delete(bucket.masterBucket, key, { signal }))
  }
  return first
}

/** A pass can show objects that the one before hid: stores may not list `f/g` while there is an `f`. */
async function deleteAllObjects(deps: TaskDeps, run: TaskRun, bucket: BucketFacts, master: Store): Promise<void> {
  let before: string | null = null
  for (;;) {
    const first = await deleteObjects(deps, run, bucket, master)
    if (first === null) return
    if (first === before) throw notDone(master.name, first)
    before = first
  }
}

/** All versions and markers. Resolves to what a retention keeps of them. */
async function deleteAllVersions(
  deps: TaskDeps,
  run: TaskRun,
  bucket: BucketFacts,
  master: Store,
): Promise<KeptByRetention> {
  for (;;) {
    const { deleted, kept } = await deletePass(deps, master, bucket.masterBucket, (ofKey) => ofKey, run.signal)
    if (deleted === 0) return kept
  }
}

/** Resolves to what a retention keeps. */
async function deleteData(deps: TaskDeps, run: TaskRun, bucket: BucketFacts, master: Store): Promise<KeptByRetention> {
  const { signal } = run
  const identity = await identifyMaster(deps, bucket, master, signal)
  if (identity.is === 'missing') return nothingKept
  if (identity.is === 'other' || (identity.is === 'untold' && !identity.isEmpty)) {
    deps.log.warn({ bucket: bucket.name }, 'the master bucket is another one by now: it is left as it is')
    return nothingKept
  }
  try {
    if (await keepsVersions(master, bucket.masterBucket, signal)) {
      const kept = await deleteAllVersions(deps, run, bucket, master)
      if (kept.versions > 0) return kept
    } else await deleteAllObjects(deps, run, bucket, master)
    await master.driver.deleteBucket(bucket.masterBucket, { signal })
  } catch (error) {
    if (!isMissing(error)) throw error
  }
  return nothingKept
}

export async function deleteMaster(deps: TaskDeps, run: TaskRun): Promise<TaskEnd> {
  const { claim, signal } = run
  const copy = await loadCopy(deps.pool, claim.bucketId, claim.storageId)
  if (copy === null || copy.bucket.state !== 'deleting') return gone
  const { bucket } = copy
  if (copy.bucket.masterStorageId !== claim.storageId) return gone
  const master = await deps.stores.get(bucket.masterStorageId)
  await unsubscribe(deps, bucket, master, signal)
  const kept = bucket.deleteData ? await deleteData(deps, run, bucket, master) : nothingKept
  if (kept.versions > 0) return afterRetention(master.name, kept, deps.times, Date.now())
  await deps.pool.transaction((tx) => recordMasterDone(tx, bucket.id))
  return againIn(deps.times.sweepMinS * 1000, null)
}
