// What is stored of looks at whole copies: from it `planSweep` says when the next is due.

import type { StoredSweep } from '../../domain/replica/plan-sweep.ts'
import { ms } from '../core/clock.ts'
import type { Sql } from '../core/pool.ts'
import { isWhole } from '../terms/copy.ts'
import { eventFactColumns, eventFactTables } from './bucket-events.ts'

export type SweepRecord = StoredSweep & {
  readonly bucketId: string
  readonly storageId: string
  /** The master's store, by name. */
  readonly masterStore: string
  /** When the last look began that ended well; null: none did. */
  readonly lastAt: Date | null
  /** When the next look is due; null while one goes on. */
  readonly nextAt: Date | null
}

/**
 * SQL for the tables of `eventFactTables`: since the bucket's events were last not believed one of it arrived, or, where FaDO
 * subscribes, one of another bucket of its store, which comes the same way.
 */
const isProven = `(COALESCE(e.heard_at > COALESCE(e.untold_at, '-infinity'), false) OR (
  m.events = 'auto' AND 'webhook-events' = ANY(m.capabilities) AND EXISTS (
    SELECT 1 FROM bucket o JOIN bucket_events oe ON oe.bucket_id = o.id
    WHERE o.master_storage_id = b.master_storage_id AND oe.heard_at > COALESCE(e.untold_at, '-infinity'))))`

/** Of the masters and copies of these buckets; one that is not looked at in turns (yet, or any more) is absent. */
export async function sweepsOfBuckets(sql: Sql, bucketIds: readonly string[]): Promise<SweepRecord[]> {
  const { rows } = await sql.query<SweepRecord>(
    `SELECT t.bucket_id AS "bucketId", t.storage_id AS "storageId", m.name AS "masterStore",
       CASE t.kind WHEN 'master_sweep' THEN 'master' ELSE 'replica' END AS of,
       CASE WHEN t.lease_owner IS NULL THEN t.not_before END AS "nextAt", t.quiet_looks AS "quietLooks",
       COALESCE(b.objects, 0)::float8 AS objects,
       (SELECT count(*) FROM replica r WHERE r.bucket_id = b.id AND ${isWhole('r')})::float8 AS copies,
       CASE t.kind WHEN 'master_sweep' THEN b.master_swept_at ELSE c.verified_at END AS "lastAt",
       ${ms('c.compared_since')} AS "comparedSince",
       ${ms('mt.quiet_since')} AS "quietSince", ${eventFactColumns}, ${isProven} AS proven
     FROM ${eventFactTables} JOIN replica_task t ON t.bucket_id = b.id
     LEFT JOIN replica c ON c.bucket_id = t.bucket_id AND c.storage_id = t.storage_id
     LEFT JOIN replica_task mt ON mt.bucket_id = b.id AND mt.storage_id = b.master_storage_id
     WHERE b.id = ANY($1::uuid[]) AND t.kind IN ('master_sweep', 'sweep') ORDER BY t.bucket_id, t.kind, t.storage_id`,
    [bucketIds],
  )
  return rows
}
