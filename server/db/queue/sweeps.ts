// What may have been missed is looked at again.
import type { SweepLimit } from '../../domain/replica/plan-sweep.ts'
import type { Sql } from '../core/pool.ts'
import { isSubscribedAndBelieved } from './bucket-events.ts'

/** When a store was last well, in seconds ago. `not-known`, and `not-asked`: the health monitor may still tell. */
export type WellBefore = number | 'not-known' | 'not-asked'

/**
 * The store was away or began anew, so that its events may be lost and it may have been put back: what lies there is looked at
 * again at once. Masters' subscriptions are written again first, for a store that restarts answers before it sends events. What
 * nobody told of is younger than when the store was last well, unless a gap was open by then.
 */
export async function sweepStore(sql: Sql, storageId: string, wellBefore: WellBefore): Promise<void> {
  // An event may have been on its way for a second; what others than FaDO have set up may take any time.
  await sql.query(
    `UPDATE bucket b SET gap_since = clock_timestamp(), away_since = clock_timestamp(), watched_until = CASE
         WHEN $3 OR (b.gap_since IS NOT NULL AND b.watched_until IS NOT NULL) THEN b.watched_until
         WHEN ${isSubscribedAndBelieved} AND COALESCE(b.gap_since > t.well, t.well IS NOT NULL) THEN t.well
         ELSE 'epoch' END
     FROM storage_deployment m CROSS JOIN (SELECT now() - make_interval(secs => $2::float8 + 1) AS well) t
     WHERE m.id = $1 AND b.master_storage_id = m.id`,
    [storageId, typeof wellBefore === 'number' ? wellBefore : null, wellBefore === 'not-asked'],
  )
  await sql.query(
    `UPDATE replica_task SET not_before = now(), quiet_looks = 0, quiet_since = NULL, attempts = 0, generation = generation + 1,
       resubscribe = resubscribe OR kind = 'master_sweep',
       ordered = CASE WHEN kind = 'master_sweep' THEN generation + 1 ELSE ordered END
     WHERE storage_id = $1 AND kind IN ('master_sweep', 'master_rebuild', 'sweep', 'first_sync')`,
    [storageId],
  )
  sql.wake('task')
}

/** The store's changes become known in another way from now on: subscriptions are written where they are FaDO's, and masters looked at. */
export async function subscribeMasters(sql: Sql, storageId: string): Promise<void> {
  await sql.query(
    `UPDATE replica_task SET not_before = LEAST(not_before, now()), generation = generation + 1, resubscribe = true,
       ordered = generation + 1
     WHERE storage_id = $1 AND kind = 'master_sweep'`,
    [storageId],
  )
  sql.wake('task')
}

/** Events of any master may have been missed, e.g. while no control plane ran: every master is looked at again. */
export async function sweepAllMasters(sql: Sql): Promise<void> {
  await sql.query(`UPDATE bucket SET gap_since = clock_timestamp(), watched_until = COALESCE(watched_until, 'epoch')`)
  await sql.query(`UPDATE replica_task SET not_before = now(), quiet_looks = 0, quiet_since = NULL, generation = generation + 1
     WHERE kind = 'master_sweep'`)
  sql.wake('task')
}

/** All copies of a bucket are compared with it as it is now, and the delete brake is released for that: a user ordered so. */
export async function sweepAllowingDeletes(sql: Sql, bucketId: string): Promise<void> {
  await sql.query(
    `UPDATE replica_task t SET not_before = now(), generation = t.generation + 1, attempts = 0, allow_deletes = true,
       ordered = t.generation + 1
     FROM replica r WHERE r.bucket_id = $1 AND t.bucket_id = r.bucket_id AND t.storage_id = r.storage_id
       AND t.kind IN ('sweep', 'first_sync')`,
    [bucketId],
  )
  sql.wake('task')
}

/**
 * The next look at these buckets (null: at all) and their copies comes no later than so many seconds after the last one: what is
 * looked at rarely may be hours away. A look under way went by what held before, so another one follows.
 */
export async function sweepWithin(
  sql: Sql,
  bucketIds: readonly string[] | null,
  { seconds, of }: SweepLimit,
): Promise<void> {
  await sql.query(
    `UPDATE replica_task t SET not_before = GREATEST(now(), started_at + make_interval(secs => $2)),
       generation = generation + CASE WHEN lease_owner IS NULL THEN 0 ELSE 1 END
     WHERE kind IN ('sweep', 'master_sweep') AND ($1::uuid[] IS NULL OR bucket_id = ANY($1))
       AND (lease_owner IS NOT NULL OR not_before > GREATEST(now(), started_at + make_interval(secs => $2)))
       AND ($3 OR kind = 'master_sweep' AND EXISTS (
         SELECT FROM bucket b JOIN storage_deployment m ON m.id = b.master_storage_id
         WHERE b.id = t.bucket_id AND NOT ${isSubscribedAndBelieved}))`,
    [bucketIds, seconds, of === 'all'],
  )
  sql.wake('task')
}

/**
 * A store said that it has no buckets of these names: masters and copies that should be there are looked at. Of one that is known
 * to be gone nothing is new.
 */
export async function sweepMissing(sql: Sql, storageId: string, names: readonly string[]): Promise<void> {
  await sql.query(
    `UPDATE replica_task t SET not_before = now() FROM bucket b
     WHERE t.storage_id = $1 AND b.id = t.bucket_id AND t.not_before > now() AND (
       (t.kind = 'master_sweep' AND b.master_bucket_name = ANY($2) AND b.master_stopped IS NULL)
       OR (t.kind = 'sweep' AND EXISTS (SELECT 1 FROM replica r WHERE r.bucket_id = b.id AND r.storage_id = $1
         AND r.bucket_name = ANY($2) AND r.observed = 'complete')))`,
    [storageId, names],
  )
  sql.wake('task')
}

/** Nobody tells of changes in these buckets any more: their masters are looked at. */
export async function sweepMasters(sql: Sql, bucketIds: readonly string[]): Promise<void> {
  await sql.query(
    `UPDATE replica_task SET not_before = LEAST(not_before, now()), generation = generation + 1
     WHERE kind = 'master_sweep' AND bucket_id = ANY($1::uuid[])`,
    [bucketIds],
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
