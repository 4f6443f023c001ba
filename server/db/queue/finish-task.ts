// The end of a run of work on a whole copy: its row in the history, and what becomes of its task, by domain/replica/task-end.ts.
import { sameContent } from '../../domain/canonical-json.ts'
import type { EndedRun } from '../../domain/replica/run.ts'
import { endTask, keepsCheckpoint, type Task, type TaskEnd } from '../../domain/replica/task-end.ts'
import { ms } from '../core/clock.ts'
import type { Tx } from '../core/pool.ts'
import type { ClaimedTask } from './claim-tasks.ts'
import { recordRun } from './replication-runs.ts'
import { tellBucket } from './tell-bucket.ts'

/**
 * Writes what `endTask` decides of the task as it stands now: its row is taken first, so that nobody asks in between. A task that
 * another holds by now stays as that one has it. `run`: what the history keeps of it; null: nothing. Where the trouble is another one
 * than before, the bucket is decided again and subscribers are told.
 */
export async function finishTask(
  tx: Tx,
  owner: string,
  claim: ClaimedTask,
  end: TaskEnd,
  run: EndedRun | null,
): Promise<void> {
  if (run !== null) await recordRun(tx, claim, run)
  const id = [claim.bucketId, claim.storageId]
  const { rows } = await tx.query<Task & { now: number }>(
    `SELECT kind, generation AS mark, ${ms('not_before')} AS "dueAt", attempts, allow_deletes AS "allowDeletes", overwrite,
       "full", resubscribe, quiet_looks AS "quietLooks", ${ms('quiet_since')} AS "quietSince", trouble,
       ${ms('trouble_since')} AS "troubleSince", ${ms('now()')} AS now
     FROM replica_task WHERE bucket_id = $1 AND storage_id = $2 AND lease_owner = $3 FOR UPDATE`,
    [...id, owner],
  )
  const [row] = rows
  if (row === undefined) return
  const { now, ...task } = row
  const next = endTask(task, claim, end, now)
  if (next === null) await tx.query('DELETE FROM replica_task WHERE bucket_id = $1 AND storage_id = $2', id)
  else
    await tx.query(
      `UPDATE replica_task SET lease_owner = NULL, lease_until = NULL, kind = $3, not_before = ${instant('$4')}, attempts = $5,
         allow_deletes = $6, overwrite = $7, "full" = $8, resubscribe = $9, quiet_looks = $10, quiet_since = ${instant('$11')},
         trouble = $12::jsonb, trouble_since = ${instant('$13')}, checkpoint = CASE WHEN $14::boolean THEN checkpoint END
       WHERE bucket_id = $1 AND storage_id = $2`,
      [
        ...[...id, next.kind, next.dueAt, next.attempts],
        ...[next.allowDeletes, next.overwrite, next.full, next.resubscribe, next.quietLooks, next.quietSince],
        ...[next.trouble === null ? null : JSON.stringify(next.trouble), next.troubleSince, keepsCheckpoint(end)],
      ],
    )
  if (!sameContent(task.trouble, next?.trouble ?? null)) await tellBucket(tx, claim.bucketId)
}

/** SQL: a time of so many milliseconds since 1970. */
const instant = (given: string): string => `to_timestamp(${given}::float8 / 1000)`
