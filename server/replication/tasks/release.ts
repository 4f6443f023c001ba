// Forgets a copy that a user lets go: nothing of it is asked for or touched on its store, and its bucket is a stranger's from now on.
import { loadCopy } from '../../db/copies/copies.ts'
import { forgetSome } from '../../db/copies/evictions.ts'
import { noteForeignBucket } from '../../db/copies/foreign-buckets.ts'
import { observe } from '../../db/copies/replica.ts'
import type { TaskEnd } from '../../domain/replica/task-end.ts'
import { finished, gone, type TaskDeps, type TaskRun } from './task-work.ts'

/** So that no transaction is long. */
const batch = 5_000

export async function release({ pool }: TaskDeps, { claim, signal }: TaskRun): Promise<TaskEnd> {
  const copy = await loadCopy(pool, claim.bucketId, claim.storageId)
  if (copy === null || copy.replica === null || !copy.replica.released) return gone
  const { id, createSentAt } = copy.replica
  while (await forgetSome(pool, id, batch)) signal.throwIfAborted()
  await pool.transaction(async (tx) => {
    // It keeps placement from filling the bucket again.
    if (createSentAt !== null) await noteForeignBucket(tx, id)
    await observe(tx, id, 'lost')
  })
  return finished
}
