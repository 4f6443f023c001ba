// What movers see of a bucket's master. A master bucket that is missing or was replaced stops everything that would copy
// from it or delete by it, until a look at the whole bucket finds the recorded one again.

import { writeEvents } from '../core/events.ts'
import type { Sql } from '../core/pool.ts'
import { markBuckets } from '../queue/dirty-buckets.ts'

const missing = 'master bucket missing'
const replaced = 'master bucket replaced'

/** The causes are sentences for people that begin with these words. */
export const masterMissing = (store: string, bucket: string): string =>
  `${missing}: ${store} has no bucket ${bucket} any more; nothing is copied or deleted`
export const masterReplaced = (store: string, bucket: string): string =>
  `${replaced}: the bucket ${bucket} on ${store} is not the one that FaDO knows; nothing is copied or deleted`

/** SQL: whether the bucket called `alias` is stopped. */
export const masterStopped = (alias: string): string =>
  `(COALESCE(${alias}.master_cause, '') LIKE '${missing}%' OR COALESCE(${alias}.master_cause, '') LIKE '${replaced}%')`

async function tell(sql: Sql, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await markBuckets(sql, { kind: 'ids', ids })
  await writeEvents(sql, 'bucket', ids)
}

/** Wake `bucket` and `event` after the commit when it resolves to true: something changed. */
export async function setMasterCause(sql: Sql, bucketId: string, cause: string | null): Promise<boolean> {
  const { rows } = await sql.query<{ id: string; before: string | null }>(
    `UPDATE bucket b SET master_cause = $2,
       master_cause_since = CASE WHEN $2::text IS NULL THEN NULL ELSE COALESCE(b.master_cause_since, now()) END
     FROM (SELECT id, master_cause FROM bucket WHERE id = $1 FOR UPDATE) o
     WHERE b.id = o.id AND b.master_cause IS DISTINCT FROM $2 RETURNING b.id, o.master_cause AS before`,
    [bucketId, cause],
  )
  const [row] = rows
  if (row === undefined) return false
  // Its replicas stop too, and say why; when it goes on, they no longer say so.
  const { rows: replicas } = await sql.query<{ id: string }>(
    `UPDATE replica r SET cause = $2 FROM bucket b WHERE b.id = r.bucket_id AND r.bucket_id = $1 AND r.wanted
     AND r.cause IS DISTINCT FROM $2 AND (${masterStopped('b')} OR r.cause = $3) RETURNING r.id`,
    [bucketId, cause, row.before],
  )
  await writeEvents(
    sql,
    'replica',
    replicas.map((replica) => replica.id),
  )
  await tell(sql, [bucketId])
  return true
}

/** What `store` cannot do at the moment is why its masters cannot be read and its copies do not get on. */
export async function setStoreTrouble(sql: Sql, storageId: string, cause: string): Promise<void> {
  const buckets = await sql.query<{ id: string }>(
    `UPDATE bucket SET master_cause = $2, master_cause_since = now()
     WHERE master_storage_id = $1 AND master_cause IS NULL AND state = 'active' RETURNING id`,
    [storageId, cause],
  )
  await tell(
    sql,
    buckets.rows.map((row) => row.id),
  )
  const replicas = await sql.query<{ id: string }>(
    `UPDATE replica r SET cause = $2 WHERE storage_id = $1 AND cause IS NULL AND (NOT wanted OR observed <> 'complete'
       OR EXISTS (SELECT 1 FROM dirty_object d WHERE d.bucket_id = r.bucket_id AND d.storage_id = r.storage_id))
     RETURNING id`,
    [storageId, cause],
  )
  await writeEvents(
    sql,
    'replica',
    replicas.rows.map((row) => row.id),
  )
}

/** Takes these causes away again where they still stand. */
export async function clearStoreTrouble(sql: Sql, storageId: string, causes: readonly string[]): Promise<void> {
  const buckets = await sql.query<{ id: string }>(
    `UPDATE bucket SET master_cause = NULL, master_cause_since = NULL
     WHERE master_storage_id = $1 AND master_cause = ANY($2::text[]) RETURNING id`,
    [storageId, causes],
  )
  await tell(
    sql,
    buckets.rows.map((row) => row.id),
  )
  const replicas = await sql.query<{ id: string }>(
    'UPDATE replica SET cause = NULL WHERE storage_id = $1 AND cause = ANY($2::text[]) RETURNING id',
    [storageId, causes],
  )
  await writeEvents(
    sql,
    'replica',
    replicas.rows.map((row) => row.id),
  )
}

/**
 * A whole look at the master ended well: its start (milliseconds by PostgreSQL's clock), and which bucket it was. In a
 * transaction: records that are written meanwhile add to the count after it was taken.
 */
export async function recordMasterSweep(
  sql: Sql,
  bucketId: string,
  seen: { readonly startedAt: number; readonly createdOn: number | null },
): Promise<void> {
  await sql.query('SELECT 1 FROM bucket WHERE id = $1 FOR UPDATE', [bucketId])
  await sql.query(
    `UPDATE bucket b SET master_swept_at = to_timestamp($2::float8 / 1000),
       master_created_on = COALESCE(b.master_created_on, to_timestamp($3::float8 / 1000)),
       objects = t.objects, bytes = t.bytes
     FROM (SELECT count(*) AS objects, COALESCE(sum(size), 0) AS bytes FROM object_record WHERE bucket_id = $1) t
     WHERE b.id = $1`,
    [bucketId, seen.startedAt, seen.createdOn],
  )
}

/** The mover has done its part of a deletion. */
export async function recordMasterDone(sql: Sql, bucketId: string): Promise<void> {
  await sql.query('DELETE FROM dirty_object WHERE bucket_id = $1', [bucketId])
  await sql.query('UPDATE bucket SET master_done = true, objects = 0, bytes = 0 WHERE id = $1', [bucketId])
  await tell(sql, [bucketId])
}
