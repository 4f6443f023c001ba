import type { Sql } from '../core/pool.ts'
import { valueInForce } from '../policies/in-force.ts'
import { markBuckets } from '../queue/dirty-buckets.ts'
import { isWhole } from '../terms/copy.ts'
import { isKeyOf } from '../terms/missing.ts'

/**
 * SQL: seconds since the oldest change that the replica `r` of the bucket `b` is known to lack: a key that waits, or deletes that
 * the brake holds; null when it lacks none. While the master is stopped nothing can be copied, and what waits may be a stranger's:
 * the copy stays as old as it was at the stop. Below 0: all of it came after that.
 */
export const oldestSeconds = `
  extract(epoch FROM COALESCE(b.master_stopped_since, now()) - LEAST(r.braked_since,
    (SELECT min(d.since) FROM dirty_object d WHERE ${isKeyOf('d', 'r')})))::float8`

/** SQL: the copies of which a key waits, found by skipping through the index from copy to copy, however many keys wait. */
const waitingCopies = `
  RECURSIVE waiting AS (
    (SELECT bucket_id, storage_id FROM dirty_object ORDER BY bucket_id, storage_id LIMIT 1)
    UNION ALL
    SELECT n.bucket_id, n.storage_id FROM waiting w CROSS JOIN LATERAL (
      SELECT d.bucket_id, d.storage_id FROM dirty_object d
      WHERE (d.bucket_id, d.storage_id) > (w.bucket_id, w.storage_id) ORDER BY d.bucket_id, d.storage_id LIMIT 1) n)`

/** SQL: those that lack a change or lately did; each kind has an index of its own, for hundreds of thousands lack nothing. */
const lacking = `
  SELECT bucket_id, storage_id FROM waiting UNION SELECT bucket_id, storage_id FROM replica WHERE stale
  UNION SELECT bucket_id, storage_id FROM replica WHERE NOT stale AND braked_since IS NOT NULL`

/**
 * SQL: whether the oldest change that they lack is older than max_staleness ($1 = its default). Each LIMIT has the rows looked up
 * one by one: joined, PostgreSQL may read all replicas.
 */
const ages = `
  SELECT r.bucket_id, r.stale, COALESCE(${oldestSeconds}
    >= COALESCE(${valueInForce('max_staleness', 'bucket', 'r.bucket_id')}, to_jsonb($1::float8))::text::float8, false) AS "isStale"
  FROM lacking l CROSS JOIN LATERAL (
    SELECT * FROM replica o WHERE o.bucket_id = l.bucket_id AND o.storage_id = l.storage_id LIMIT 1) r
  CROSS JOIN LATERAL (SELECT * FROM bucket o WHERE o.id = r.bucket_id LIMIT 1) b
  WHERE ${isWhole('r')}`

/**
 * Marks the buckets of which a copy is too stale and was not found so by the last decision, or the other way round, for a
 * new decision.
 */
export async function markMisjudged(sql: Sql, defaultSeconds: number): Promise<void> {
  const { rows } = await sql.query<{ bucketId: string }>(
    `WITH ${waitingCopies}, lacking AS (${lacking}), ages AS (${ages})
     SELECT DISTINCT bucket_id AS "bucketId" FROM ages WHERE stale <> "isStale"`,
    [defaultSeconds],
  )
  if (rows.length > 0) await markBuckets(sql, { kind: 'ids', ids: rows.map((row) => row.bucketId) })
}
