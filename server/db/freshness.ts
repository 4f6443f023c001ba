import { markBuckets } from './dirty-buckets.ts'
import type { Sql } from './pool.ts'

/** SQL: replicas that lack a change, how old the oldest is, and the bucket's max_staleness ($1 = its default), in seconds. */
const staleReplicas = `
  SELECT lag.id FROM (
    SELECT r.id, r.bucket_id, extract(epoch FROM now() - LEAST(r.braked_since, min(d.since))) AS age
    FROM replica r LEFT JOIN dirty_object d ON d.bucket_id = r.bucket_id AND d.storage_id = r.storage_id
    WHERE r.wanted AND r.observed = 'complete' AND (r.braked_since IS NOT NULL OR d.bucket_id IS NOT NULL)
    GROUP BY r.id) lag
  LEFT JOIN policy_value b ON b.scope = 'bucket' AND b.scope_id = lag.bucket_id AND b.name = 'max_staleness'
  LEFT JOIN policy_value g ON g.scope = 'global' AND g.name = 'max_staleness'
  WHERE lag.age >= COALESCE(b.value, g.value, to_jsonb($1::float8))::text::float8`

/**
 * Marks the buckets of replicas whose oldest missing change has crossed max_staleness, one way or the other, for a new
 * decision. Returns how many.
 */
export async function noteStaleness(sql: Sql, defaultSeconds: number): Promise<number> {
  const { rows } = await sql.query<{ bucketId: string }>(
    `WITH now_stale AS (${staleReplicas})
     UPDATE replica r SET stale = NOT r.stale WHERE r.stale <> EXISTS (SELECT 1 FROM now_stale s WHERE s.id = r.id)
     RETURNING r.bucket_id AS "bucketId"`,
    [defaultSeconds],
  )
  const ids = [...new Set(rows.map((row) => row.bucketId))]
  if (ids.length > 0) await markBuckets(sql, { kind: 'ids', ids })
  return ids.length
}
