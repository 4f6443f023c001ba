// What movers see of a bucket's master.
import type { BucketVersioning } from '../../domain/bucket-versioning.ts'
import type { MasterStop } from '../../domain/trouble/trouble.ts'
import { writeEvents } from '../core/events.ts'
import type { Sql } from '../core/pool.ts'
import { markBuckets } from '../queue/dirty-buckets.ts'

/** The bucket and its copies are other than they were: decided again, and told. */
async function tell(sql: Sql, bucketId: string): Promise<void> {
  await markBuckets(sql, { kind: 'ids', ids: [bucketId] })
  await writeEvents(sql, 'bucket', [bucketId])
  const { rows } = await sql.query<{ id: string }>('SELECT id FROM replica WHERE bucket_id = $1', [bucketId])
  await writeEvents(
    sql,
    'replica',
    rows.map((row) => row.id),
  )
}

/**
 * The master's bucket is not the recorded one: nothing is copied from it or deleted by it any more. True: that is news; wake
 * `bucket` and `event` after the commit.
 */
export async function stopMaster(sql: Sql, bucketId: string, stop: MasterStop): Promise<boolean> {
  const { rows } = await sql.query<{ before: MasterStop | null }>(
    `UPDATE bucket b SET master_stopped = $2, master_stopped_seen_at = clock_timestamp(),
       master_stopped_since = COALESCE(b.master_stopped_since, clock_timestamp())
     FROM (SELECT id, master_stopped FROM bucket WHERE id = $1 FOR UPDATE) o WHERE b.id = o.id
     RETURNING o.master_stopped AS before`,
    [bucketId, stop],
  )
  const [row] = rows
  if (row === undefined || row.before === stop) return false
  await tell(sql, bucketId)
  return true
}

/**
 * A whole look that began at `startedAt` (milliseconds by PostgreSQL's clock) found the recorded bucket. The stop ends, unless
 * somebody saw another bucket, or none, since the look began. True: that is news.
 */
async function releaseMaster(sql: Sql, bucketId: string, startedAt: number): Promise<boolean> {
  const { rowCount } = await sql.query(
    `UPDATE bucket SET master_stopped = NULL, master_stopped_since = NULL, master_stopped_seen_at = NULL
     WHERE id = $1 AND master_stopped_seen_at < to_timestamp($2::float8 / 1000)`,
    [bucketId, startedAt],
  )
  if (!rowCount) return false
  await tell(sql, bucketId)
  return true
}

/**
 * A whole look at the master ended well: its start (milliseconds by PostgreSQL's clock), and which bucket it was. In a
 * transaction: records that are written meanwhile add to the count after it was taken. True: the bucket goes on after a stop.
 */
export async function recordMasterSweep(
  sql: Sql,
  bucketId: string,
  seen: { readonly startedAt: number; readonly createdOn: number | null },
): Promise<boolean> {
  await sql.query('SELECT 1 FROM bucket WHERE id = $1 FOR UPDATE', [bucketId])
  await sql.query(
    `UPDATE bucket b SET master_swept_at = to_timestamp($2::float8 / 1000),
       master_created_on = COALESCE(b.master_created_on, to_timestamp($3::float8 / 1000)),
       gap_since = CASE WHEN b.gap_since >= to_timestamp($2::float8 / 1000) THEN b.gap_since END,
       objects = t.objects, bytes = t.bytes
     FROM (SELECT count(*) AS objects, COALESCE(sum(size), 0) AS bytes FROM object_record WHERE bucket_id = $1) t
     WHERE b.id = $1`,
    [bucketId, seen.startedAt, seen.createdOn],
  )
  return releaseMaster(sql, bucketId, seen.startedAt)
}

/** What the master's bucket keeps of versions. True: it changed. */
export async function recordMasterVersioning(
  sql: Sql,
  bucketId: string,
  versioning: BucketVersioning,
): Promise<boolean> {
  const { rowCount } = await sql.query(
    `UPDATE bucket SET master_versioning = $2::jsonb WHERE id = $1 AND master_versioning IS DISTINCT FROM $2::jsonb`,
    [bucketId, JSON.stringify(versioning)],
  )
  if (!rowCount) return false
  await writeEvents(sql, 'bucket', [bucketId])
  return true
}

/** The store reports another creation date for the same bucket (milliseconds by its clock). */
export async function recordMasterCreatedOn(sql: Sql, bucketId: string, createdOn: number): Promise<void> {
  await sql.query('UPDATE bucket SET master_created_on = to_timestamp($2::float8 / 1000) WHERE id = $1', [
    bucketId,
    createdOn,
  ])
}

/** The mover has done its part of a deletion. */
export async function recordMasterDone(sql: Sql, bucketId: string): Promise<void> {
  await sql.query('DELETE FROM dirty_object WHERE bucket_id = $1', [bucketId])
  await sql.query('UPDATE bucket SET master_done = true, objects = 0, bytes = 0 WHERE id = $1', [bucketId])
  await tell(sql, bucketId)
}
