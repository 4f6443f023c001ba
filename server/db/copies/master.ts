// What movers see of a bucket's master.
import type { BucketVersioning } from '../../domain/bucket-versioning.ts'
import type { FoundRegress } from '../../domain/replica/regress.ts'
import type { MasterStop } from '../../domain/trouble/trouble.ts'
import { ms } from '../core/clock.ts'
import type { Sql, Tx } from '../core/pool.ts'
import { tellBucket } from '../queue/tell-bucket.ts'

/** Its keys may be free to be worked on, too. */
async function tell(tx: Tx, bucketId: string): Promise<void> {
  await tellBucket(tx, bucketId)
  tx.wake('object')
}

/**
 * The master's bucket is not the recorded one: nothing is copied from it or deleted by it any more. One that went backwards is
 * left to the user's choice, whatever becomes of its bucket.
 */
export async function stopMaster(tx: Tx, bucketId: string, stop: Exclude<MasterStop, 'regressed'>): Promise<void> {
  const { rows } = await tx.query<{ before: MasterStop | null }>(
    `UPDATE bucket b SET master_stopped = $2, master_stopped_seen_at = clock_timestamp(),
       master_stopped_since = COALESCE(b.master_stopped_since, clock_timestamp())
     FROM (SELECT id, master_stopped FROM bucket WHERE id = $1 FOR NO KEY UPDATE) o
     WHERE b.id = o.id AND o.master_stopped IS DISTINCT FROM 'regressed'
     RETURNING o.master_stopped AS before`,
    [bucketId, stop],
  )
  const [row] = rows
  if (row !== undefined && row.before !== stop) await tell(tx, bucketId)
}

/**
 * The master went backwards: the same stop, until somebody chooses. `found` is what the last look found. What was accepted before
 * the store was away once more was another state.
 */
export async function regressMaster(tx: Tx, bucketId: string, found: FoundRegress): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE bucket SET master_stopped = 'regressed', master_regress = $2::jsonb, master_stopped_seen_at = clock_timestamp(),
       master_stopped_since = COALESCE(master_stopped_since, clock_timestamp()),
       master_choice = CASE WHEN master_choice = 'accept' AND away_since > master_chosen_at THEN NULL ELSE master_choice END
     WHERE id = $1 AND (master_stopped IS DISTINCT FROM 'regressed' OR master_regress IS DISTINCT FROM $2::jsonb
       OR (master_choice = 'accept' AND away_since > master_chosen_at))`,
    [bucketId, JSON.stringify(found)],
  )
  if (rowCount) await tell(tx, bucketId)
}

/** The copy that was chosen cannot be rebuilt from any more: somebody has to choose again. */
export async function dropChoice(tx: Tx, bucketId: string): Promise<void> {
  await tx.query('UPDATE bucket SET master_choice = NULL, master_choice_from = NULL WHERE id = $1', [bucketId])
  await tell(tx, bucketId)
}

/** What tells whether a master's store may have been put back. */
export type AwayFacts = {
  readonly unjudged: boolean
  readonly hasGap: boolean
  /** For how long the process that is known runs; null: it does not tell. */
  readonly runsSeconds: number | null
  /** Milliseconds by PostgreSQL's clock. */
  readonly now: number
}

/** Null: there is no such bucket any more. */
export async function loadAway(sql: Sql, bucketId: string): Promise<AwayFacts | null> {
  const { rows } = await sql.query<AwayFacts>(
    `SELECT b.away_since IS NOT NULL AS unjudged, b.gap_since IS NOT NULL AS "hasGap",
       extract(epoch FROM now() - s.process_began_at)::float8 AS "runsSeconds", ${ms('now()')} AS now
     FROM bucket b JOIN storage_deployment s ON s.id = b.master_storage_id WHERE b.id = $1`,
    [bucketId],
  )
  return rows[0] ?? null
}

/**
 * A whole look that began at `startedAt` (milliseconds by PostgreSQL's clock) found the recorded bucket. The stop ends, unless
 * somebody saw another bucket, or none, since the look began.
 */
async function releaseMaster(tx: Tx, bucketId: string, startedAt: number): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE bucket SET master_stopped = NULL, master_stopped_since = NULL, master_stopped_seen_at = NULL,
       master_regress = NULL, master_choice = NULL, master_choice_from = NULL, master_chosen_at = NULL
     WHERE id = $1 AND master_stopped_seen_at < to_timestamp($2::float8 / 1000)`,
    [bucketId, startedAt],
  )
  if (rowCount) await tell(tx, bucketId)
}

/**
 * A whole look at the master ended well: its start (milliseconds by PostgreSQL's clock), and which bucket it was. In a
 * transaction: records that are written meanwhile add to the count after it was taken.
 */
export async function recordMasterSweep(
  tx: Tx,
  bucketId: string,
  seen: { readonly startedAt: number; readonly createdOn: number | null },
): Promise<void> {
  await tx.query('SELECT 1 FROM bucket WHERE id = $1 FOR NO KEY UPDATE', [bucketId])
  await tx.query(
    `UPDATE bucket b SET master_swept_at = to_timestamp($2::float8 / 1000),
       master_created_on = COALESCE(b.master_created_on, to_timestamp($3::float8 / 1000)),
       gap_since = CASE WHEN b.gap_since >= to_timestamp($2::float8 / 1000) THEN b.gap_since END,
       watched_until = CASE WHEN b.gap_since >= to_timestamp($2::float8 / 1000) THEN b.watched_until END,
       away_since = CASE WHEN b.away_since >= to_timestamp($2::float8 / 1000) THEN b.away_since END,
       objects = t.objects, bytes = t.bytes
     FROM (SELECT count(*) AS objects, COALESCE(sum(size), 0) AS bytes FROM object_record WHERE bucket_id = $1) t
     WHERE b.id = $1`,
    [bucketId, seen.startedAt, seen.createdOn],
  )
  await releaseMaster(tx, bucketId, seen.startedAt)
}

/** What the master's bucket keeps of versions. */
export async function recordMasterVersioning(tx: Tx, bucketId: string, versioning: BucketVersioning): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE bucket SET master_versioning = $2::jsonb WHERE id = $1 AND master_versioning IS DISTINCT FROM $2::jsonb`,
    [bucketId, JSON.stringify(versioning)],
  )
  if (rowCount) tx.changed('bucket', [bucketId])
}

/** The store reports another creation date for the same bucket (milliseconds by its clock). */
export async function recordMasterCreatedOn(sql: Sql, bucketId: string, createdOn: number): Promise<void> {
  await sql.query('UPDATE bucket SET master_created_on = to_timestamp($2::float8 / 1000) WHERE id = $1', [
    bucketId,
    createdOn,
  ])
}

/** The mover has done its part of a deletion. */
export async function recordMasterDone(tx: Tx, bucketId: string): Promise<void> {
  await tx.query('DELETE FROM dirty_object WHERE bucket_id = $1', [bucketId])
  await tx.query('UPDATE bucket SET master_done = true, objects = 0, bytes = 0 WHERE id = $1', [bucketId])
  await tell(tx, bucketId)
}
