// What may have been missed is looked at again.
import type { Sql } from '../core/pool.ts'

/**
 * The store was away or began anew, so that its events may be lost and it may have been put back: what lies there is looked at
 * again at once. Masters' subscriptions are written again first, for a store that restarts answers before it sends events.
 */
export async function sweepStore(sql: Sql, storageId: string): Promise<void> {
  await sql.query(
    'UPDATE bucket SET gap_since = clock_timestamp(), away_since = clock_timestamp() WHERE master_storage_id = $1',
    [storageId],
  )
  await sql.query(
    `UPDATE replica_task SET not_before = now(), interval_s = 60, attempts = 0, generation = generation + 1,
       resubscribe = resubscribe OR kind = 'master_sweep'
     WHERE storage_id = $1 AND kind IN ('master_sweep', 'master_rebuild', 'sweep', 'first_sync')`,
    [storageId],
  )
  sql.wake('task')
}

/** Events of any master may have been missed, e.g. while no control plane ran: every master is looked at again. */
export async function sweepAllMasters(sql: Sql): Promise<void> {
  await sql.query('UPDATE bucket SET gap_since = clock_timestamp()')
  await sql.query(`UPDATE replica_task SET not_before = now(), interval_s = 60, generation = generation + 1
     WHERE kind = 'master_sweep'`)
  sql.wake('task')
}

/** All copies of a bucket are compared with it as it is now, and the delete brake is released for that: a user ordered so. */
export async function sweepAllowingDeletes(sql: Sql, bucketId: string): Promise<void> {
  await sql.query(
    `UPDATE replica_task t SET not_before = now(), generation = t.generation + 1, attempts = 0, allow_deletes = true
     FROM replica r WHERE r.bucket_id = $1 AND t.bucket_id = r.bucket_id AND t.storage_id = r.storage_id
       AND t.kind IN ('sweep', 'first_sync')`,
    [bucketId],
  )
  sql.wake('task')
}

/** Something was seen of this copy, or of this master, that only a whole look may decide about. */
export async function sweepSoon(sql: Sql, bucketId: string, storageId: string): Promise<void> {
  await sql.query(
    `UPDATE replica_task SET not_before = LEAST(not_before, now()), generation = generation + 1
     WHERE bucket_id = $1 AND storage_id = $2 AND kind IN ('sweep', 'first_sync', 'master_sweep')
       AND (lease_owner IS NOT NULL OR not_before > now())`,
    [bucketId, storageId],
  )
  sql.wake('task')
}
