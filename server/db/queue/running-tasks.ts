// Work on a whole copy while a mover does it: its lease, and what its run notes on the task.

import type { Amount } from '../../domain/forecast/amount.ts'
import type { Checkpoint } from '../../domain/replica/checkpoint.ts'
import type { CopyId } from '../../domain/replica/copy-id.ts'
import type { TaskKind } from '../../domain/replica/replica-state.ts'
import { ms } from '../core/clock.ts'
import type { Sql, Tx } from '../core/pool.ts'
import { isHeldTask } from '../terms/paused.ts'
import type { ClaimedTask } from './claim-tasks.ts'
import type { RunId } from './replication-runs.ts'
import { tellBucket } from './tell-bucket.ts'

export type HeldTask = CopyId & {
  /** What its row asks for by now. */
  readonly kind: TaskKind
  /** A pause was ordered, or a window closed: the work has to end. */
  readonly held: boolean
}

/** Prolongs these leases, each by itself: who waits for one holds no other. Resolves to those still held. */
export async function renewTasks(
  sql: Sql,
  lease: { readonly owner: string; readonly seconds: number },
  held: readonly CopyId[],
): Promise<HeldTask[]> {
  const renewed = held.map(({ bucketId, storageId }) =>
    sql.query<HeldTask>(
      `UPDATE replica_task t SET lease_until = now() + make_interval(secs => $2)
       WHERE t.bucket_id = $3 AND t.storage_id = $4 AND t.lease_owner = $1
       RETURNING t.bucket_id AS "bucketId", t.storage_id AS "storageId", t.kind, ${isHeldTask} AS held`,
      [lease.owner, lease.seconds, bucketId, storageId],
      'renew_task',
    ),
  )
  return (await Promise.all(renewed)).flatMap(({ rows }) => rows)
}

/**
 * A run begins to act: what it has to do in all; of a copy that is taken over it is to be compared. What runs before it suffered is
 * past.
 */
export async function beginProgress(tx: Tx, id: CopyId, total: Amount): Promise<void> {
  const { rows } = await tx.query<{ suffered: boolean }>(
    `UPDATE replica_task t SET phase = CASE WHEN EXISTS (SELECT 1 FROM replica r
         WHERE r.bucket_id = t.bucket_id AND r.storage_id = t.storage_id AND r.taking_over) THEN 'comparing' ELSE 'copying' END,
       objects_total = $3, bytes_total = $4, objects_done = 0, bytes_done = 0, bytes_per_second = NULL,
       trouble = NULL, trouble_since = NULL
     FROM (SELECT trouble IS NOT NULL AS suffered FROM replica_task
       WHERE bucket_id = $1 AND storage_id = $2 FOR UPDATE) before
     WHERE bucket_id = $1 AND storage_id = $2 RETURNING before.suffered`,
    [id.bucketId, id.storageId, total.objects, total.bytes],
  )
  if (rows[0]?.suffered) await tellBucket(tx, id.bucketId)
}

/**
 * Takes the order to overwrite from the task, for its run follows it now: whatever becomes of the run, the next one has it no more.
 * False: another run took its place, or the order came again since, for a later run.
 */
export async function takeOverwrite(tx: Tx, { bucketId, storageId, runId, mark }: ClaimedTask): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE replica_task SET overwrite = 0
     WHERE bucket_id = $1 AND storage_id = $2 AND run_id = $3 AND overwrite BETWEEN 1 AND $4`,
    [bucketId, storageId, runId, mark],
  )
  return rowCount === 1
}

/** How far the look of a run is. Nothing is written where another run took its place, or somebody asked for one. */
export async function saveCheckpoint(sql: Sql, run: RunId, checkpoint: Omit<Checkpoint, 'savedAt'>): Promise<void> {
  await sql.query(
    `UPDATE replica_task SET checkpoint = $4::jsonb || jsonb_build_object('savedAt', ${ms('now()')})
     WHERE bucket_id = $1 AND storage_id = $2 AND run_id = $3 AND lease_owner IS NOT NULL AND generation = $5`,
    [run.bucketId, run.storageId, run.runId, JSON.stringify(checkpoint), checkpoint.mark],
  )
}
