// The history of work on whole copies, written with the end of each run. It is kept short: what ends alike without having found
// anything is one row, each copy has its last rows only, and what is older goes.
import type { EndedRun } from '../../domain/replica/run.ts'
import type { Sql } from '../core/pool.ts'

/** Rows of one copy, and days since a run began (or the first of those that share its row). */
const mostRows = 50
export const daysKept = 30
/** Runs share a row for so long at most (days), so that the history tells when it was. */
const daysShared = 7
/** Old rows, of whatever copy, that one new row takes along. */
const mostPruned = 100

export type RunId = {
  readonly bucketId: string
  readonly storageId: string
  readonly runId: string
  /** Milliseconds by PostgreSQL's clock. */
  readonly beganAt: number
}

/** Once more, e.g. after another mover told that it was lost: nothing is written. */
export async function recordRun(sql: Sql, id: RunId, run: EndedRun): Promise<void> {
  const { rowCount } = await sql.query(
    `WITH last AS (
       SELECT r.* FROM replication_run r WHERE r.bucket_id = $2 AND r.storage_id = $3 ORDER BY r.began_at DESC LIMIT 1
     ), shared AS (
       UPDATE replication_run r SET runs = r.runs + 1, ended_at = now(), seconds = extract(epoch FROM now() - $4::timestamptz)
       FROM last WHERE r.id = last.id AND $12::boolean AND last.kind = $5 AND last.outcome = $6 AND last.quiet = $7
         AND COALESCE(last.objects_found, 0) + COALESCE(last.objects_done, 0) = 0
         AND last.cause IS NOT DISTINCT FROM $13::jsonb AND last.began_at > now() - interval '${daysShared} days'
       RETURNING 1
     )
     INSERT INTO replication_run (id, bucket_id, storage_id, kind, outcome, quiet, began_at, ended_at, seconds,
       objects_found, bytes_found, objects_done, bytes_done, cause)
     SELECT $1::uuid, $2::uuid, $3::uuid, $5::text, $6::text, $7::boolean, $4, now(), extract(epoch FROM now() - $4),
       $8::bigint, $9::bigint, $10::bigint, $11::bigint, $13::jsonb
     WHERE NOT EXISTS (SELECT 1 FROM shared) ON CONFLICT (id) DO NOTHING`,
    [
      ...[id.runId, id.bucketId, id.storageId, new Date(id.beganAt)],
      ...[run.kind, run.outcome, run.quiet],
      ...[run.found?.objects ?? null, run.found?.bytes ?? null, run.done?.objects ?? null, run.done?.bytes ?? null],
      ...[run.folds, run.cause === null ? null : JSON.stringify(run.cause)],
    ],
  )
  if ((rowCount ?? 0) > 0) await prune(sql, id)
}

async function prune(sql: Sql, { bucketId, storageId }: RunId): Promise<void> {
  await sql.query(
    `DELETE FROM replication_run WHERE id IN (
       (SELECT id FROM replication_run WHERE bucket_id = $1 AND storage_id = $2 ORDER BY began_at DESC OFFSET ${mostRows})
       UNION ALL
       SELECT id FROM (SELECT id FROM replication_run WHERE quiet = ANY('{true,false}')
         AND began_at < now() - interval '${daysKept} days' LIMIT ${mostPruned} FOR UPDATE SKIP LOCKED) old)`,
    [bucketId, storageId],
  )
}
