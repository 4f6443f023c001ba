// Forgets a copy that a user lets go: no object of it is asked for or touched, and its bucket is a stranger's from now on.
import { loadCopy, type ReplicaFacts } from '../../db/copies/copies.ts'
import { begunUploads, forgetSome } from '../../db/copies/evictions.ts'
import { noteForeignBucket } from '../../db/copies/foreign-buckets.ts'
import { observe } from '../../db/copies/replica.ts'
import type { TaskEnd } from '../../domain/replica/task-end.ts'
import { StorageError } from '../../storage/storage-error.ts'
import { finished, gone, type TaskDeps, type TaskRun } from './task-work.ts'

/** So that no transaction is long. */
const batch = 5_000

/** What was begun in parts and is no object yet would lie there for ever, unseen. A store that cannot be asked now keeps it. */
async function abortUploads({ pool, stores }: TaskDeps, replica: ReplicaFacts, signal: AbortSignal): Promise<void> {
  const uploads = await begunUploads(pool, replica.id)
  if (uploads.length === 0) return
  try {
    const { driver } = await stores.get(replica.storageId)
    for (const { key, uploadId } of uploads) await driver.abortUpload(replica.bucketName, key, uploadId, { signal })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof StorageError)) throw error
  }
}

export async function release(deps: TaskDeps, { claim, signal }: TaskRun): Promise<TaskEnd> {
  const { pool } = deps
  const copy = await loadCopy(pool, claim.bucketId, claim.storageId)
  if (copy === null || copy.replica === null || !copy.replica.released) return gone
  const { id, createSentAt } = copy.replica
  await abortUploads(deps, copy.replica, signal)
  while (await forgetSome(pool, id, batch)) signal.throwIfAborted()
  await pool.transaction(async (tx) => {
    // It keeps placement from filling the bucket again.
    if (createSentAt !== null) await noteForeignBucket(tx, id)
    await observe(tx, id, 'lost')
  })
  return finished
}
