// What movers see of a replica, written where it changes something: the bucket is then decided again and subscribers told.
import { nextObserved, type Observed, type ReplicaEvent } from '../domain/replica-state.ts'
import { markBuckets } from './dirty-buckets.ts'
import { countWaiting, type Waiting } from './dirty-objects.ts'
import { writeEvents } from './events.ts'
import { type ConflictSample, sampleConflicts, type WriteGuard } from './journal.ts'
import type { Sql } from './pool.ts'

/** In the transaction of a change that a decision depends on. */
async function tell(sql: Sql, replicaId: string, bucketId: string): Promise<void> {
  await markBuckets(sql, { kind: 'ids', ids: [bucketId] })
  await writeEvents(sql, 'replica', [replicaId])
}

/**
 * Moves `observed` on by an event and writes the cause (null: none). Wake `bucket` and `event` after the commit. What
 * belongs to a bucket that is gone goes with it.
 */
export async function observe(
  sql: Sql,
  replicaId: string,
  event: ReplicaEvent,
  cause: string | null,
): Promise<Observed> {
  const { rows } = await sql.query<{ observed: Observed; cause: string | null; bucketId: string }>(
    'SELECT observed, cause, bucket_id AS "bucketId" FROM replica WHERE id = $1 FOR UPDATE',
    [replicaId],
  )
  const [row] = rows
  if (row === undefined) return 'absent'
  const next = nextObserved(row.observed, event)
  const gone = next === 'absent'
  if (next === row.observed && cause === row.cause && !gone) return next
  await sql.query(
    `UPDATE replica SET observed = $2, cause = $3,
       complete_at = CASE WHEN $2 = 'complete' THEN COALESCE(complete_at, now()) WHEN $4 THEN NULL ELSE complete_at END
     WHERE id = $1`,
    [replicaId, next, cause, gone],
  )
  if (gone) {
    await sql.query('DELETE FROM replica_object WHERE replica_id = $1', [replicaId])
    await sql.query(
      `UPDATE replica SET create_sent_at = NULL, verified_at = NULL, conflicts = 0, braked = 0, braked_since = NULL
       WHERE id = $1`,
      [replicaId],
    )
  }
  await tell(sql, replicaId, row.bucketId)
  return next
}

/** Writes why a replica does not get on, nothing else. */
export async function setReplicaCause(sql: Sql, replicaId: string, cause: string | null): Promise<boolean> {
  const { rowCount } = await sql.query('UPDATE replica SET cause = $2 WHERE id = $1 AND cause IS DISTINCT FROM $2', [
    replicaId,
    cause,
  ])
  if (rowCount === 0) return false
  const { rows } = await sql.query<{ bucketId: string }>('SELECT bucket_id AS "bucketId" FROM replica WHERE id = $1', [
    replicaId,
  ])
  for (const row of rows) await tell(sql, replicaId, row.bucketId)
  return true
}

/** Says that the store will be asked to make the bucket. False: the copy is not wanted any more as it was. */
export async function recordCreateSent(sql: Sql, guard: WriteGuard): Promise<boolean> {
  const { rowCount } = await sql.query(
    `UPDATE replica r SET create_sent_at = COALESCE(r.create_sent_at, now()) FROM bucket b
     WHERE r.id = $1 AND b.id = r.bucket_id AND r.wanted AND r.epoch = $2 AND r.generation = $3 AND b.state <> 'deleting'
     AND NOT EXISTS (SELECT 1 FROM dirty_bucket n WHERE n.bucket_id = b.id AND n.narrowing)`,
    [guard.replicaId, guard.epoch, guard.generation],
  )
  return (rowCount ?? 0) > 0
}

/** A bucket that FaDO did not make stands in the way on this store. */
export async function recordForeignBucket(sql: Sql, replicaId: string, cause: string): Promise<void> {
  await sql.query('UPDATE replica SET create_sent_at = NULL WHERE id = $1', [replicaId])
  await noteForeignBucket(sql, replicaId)
  await observe(sql, replicaId, 'fail', cause)
}

/** The bucket of this replica is not ours (any more). */
export async function noteForeignBucket(sql: Sql, replicaId: string): Promise<void> {
  await sql.query(
    `INSERT INTO foreign_bucket (storage_id, bucket_name) SELECT storage_id, bucket_name FROM replica WHERE id = $1
     ON CONFLICT (storage_id, bucket_name) DO UPDATE SET seen_at = now()`,
    [replicaId],
  )
}

export type ForeignBucket = { readonly storageId: string; readonly bucketName: string }

/** Foreign buckets that were not looked at for so long; each is given to one mover. */
export async function claimForeignBuckets(sql: Sql, olderThanSeconds: number, limit: number): Promise<ForeignBucket[]> {
  const { rows } = await sql.query<ForeignBucket>(
    `UPDATE foreign_bucket f SET seen_at = now() FROM (
       SELECT storage_id, bucket_name FROM foreign_bucket WHERE seen_at < now() - make_interval(secs => $1)
       ORDER BY seen_at LIMIT $2 FOR UPDATE SKIP LOCKED) d
     WHERE f.storage_id = d.storage_id AND f.bucket_name = d.bucket_name
     RETURNING f.storage_id AS "storageId", f.bucket_name AS "bucketName"`,
    [olderThanSeconds, limit],
  )
  return rows
}

/** It is not there (any more): the buckets that would have that name there are decided again. */
export async function forgetForeignBucket(sql: Sql, { storageId, bucketName }: ForeignBucket): Promise<void> {
  const { rows } = await sql.query<{ id: string }>(
    `WITH gone AS (DELETE FROM foreign_bucket WHERE storage_id = $1 AND bucket_name = $2 RETURNING storage_id)
     SELECT b.id FROM gone JOIN storage_deployment s ON s.id = gone.storage_id
     JOIN bucket b ON replace(s.bucket_name_template, '{bucket}', b.name) = $2`,
    [storageId, bucketName],
  )
  if (rows.length > 0) await markBuckets(sql, { kind: 'ids', ids: rows.map((row) => row.id) })
}

/** Something of this key is in the way: until it is counted, at least one is. */
export async function noteConflict(sql: Sql, replicaId: string): Promise<void> {
  const { rows } = await sql.query<{ bucketId: string }>(
    'UPDATE replica SET conflicts = 1 WHERE id = $1 AND conflicts = 0 RETURNING bucket_id AS "bucketId"',
    [replicaId],
  )
  for (const row of rows) await tell(sql, replicaId, row.bucketId)
}

/** A whole comparison ended well. `startedAt`: milliseconds; `braked`: deletes that wait for an order. */
export async function recordVerified(
  sql: Sql,
  replicaId: string,
  seen: { readonly startedAt: number; readonly braked: number },
): Promise<void> {
  const { rows } = await sql.query<{ bucketId: string; before: number }>(
    `UPDATE replica r SET verified_at = to_timestamp($2::float8 / 1000), braked = $3,
       braked_since = CASE WHEN $3::int > 0 THEN COALESCE(r.braked_since, now()) END
     FROM (SELECT id, braked FROM replica WHERE id = $1 FOR UPDATE) o WHERE r.id = o.id
     RETURNING r.bucket_id AS "bucketId", o.braked AS before`,
    [replicaId, seen.startedAt, seen.braked],
  )
  for (const row of rows) if (row.before !== seen.braked) await tell(sql, replicaId, row.bucketId)
}

export type ReplicaSummary = {
  readonly replicaId: string
  readonly storeName: string
  readonly wanted: boolean
  readonly serving: boolean
  readonly observed: Observed
  readonly cause: string | null
  readonly conflicts: number
  readonly braked: number
  readonly samples: readonly ConflictSample[]
  readonly waiting: Waiting
  /** Why one of the keys that failed before failed; null when none did. */
  readonly keyCause: string | null
  readonly failedKeys: number
  /** The bucket's own trouble, which goes before what is known of keys. */
  readonly masterCause: string | null
}

export async function summariseReplica(sql: Sql, bucketId: string, storageId: string): Promise<ReplicaSummary | null> {
  const { rows } = await sql.query<Omit<ReplicaSummary, 'samples' | 'waiting'>>(
    `SELECT r.id AS "replicaId", s.name AS "storeName", r.wanted, r.serving, r.observed, r.cause, r.conflicts, r.braked,
       f.cause AS "keyCause", f.count AS "failedKeys", b.master_cause AS "masterCause"
     FROM replica r JOIN storage_deployment s ON s.id = r.storage_id JOIN bucket b ON b.id = r.bucket_id
     CROSS JOIN LATERAL (SELECT count(*), min(d.cause) AS cause FROM dirty_object d
       WHERE d.bucket_id = r.bucket_id AND d.storage_id = r.storage_id AND d.attempts > 0) f
     WHERE r.bucket_id = $1 AND r.storage_id = $2`,
    [bucketId, storageId],
  )
  const [row] = rows
  if (row === undefined) return null
  const samples = await sampleConflicts(sql, row.replicaId)
  return { ...row, samples, waiting: await countWaiting(sql, bucketId, storageId) }
}

export type ReplicaReport = {
  readonly bucketId: string
  readonly storageId: string
  readonly conflicts: number
  readonly cause: string | null
  /** Progress of the run in hand, if there is one. */
  readonly waiting: Waiting
  readonly bytesUnderWay: number
  readonly bytesPerSecond: number | null
  /** What may be decided otherwise now: conflicts came or went, or nothing keeps it from serving. */
  readonly decide: boolean
  /** Keys were worked on. */
  readonly moved: boolean
}

/** Writes what changed of one replica's figures and tells subscribers, if anything did. */
export async function reportReplica(sql: Sql, replicaId: string, report: ReplicaReport): Promise<void> {
  const { bucketId, storageId, conflicts, cause, waiting } = report
  const changed = await sql.query(
    `UPDATE replica SET conflicts = $2, cause = $3 WHERE id = $1 AND (conflicts <> $2 OR cause IS DISTINCT FROM $3)`,
    [replicaId, conflicts, cause],
  )
  await sql.query(
    `UPDATE replica_task SET objects_done = GREATEST(0, objects_total - $3),
       bytes_done = LEAST(bytes_total, GREATEST(0, bytes_total - $4) + $5), bytes_per_second = $6,
       phase = CASE WHEN $3::bigint = 0 THEN 'done' ELSE phase END
     WHERE bucket_id = $1 AND storage_id = $2 AND phase = 'copying'`,
    [bucketId, storageId, waiting.objects, waiting.bytes, report.bytesUnderWay, report.bytesPerSecond],
  )
  if (report.decide) await markBuckets(sql, { kind: 'ids', ids: [bucketId] })
  if (report.moved || changed.rowCount) await writeEvents(sql, 'replica', [replicaId])
}

/** The stores of all replicas of a bucket, wanted or not: one that is wanted again must not have missed anything. */
export async function replicaStores(sql: Sql, bucketId: string): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>('SELECT storage_id AS id FROM replica WHERE bucket_id = $1', [
    bucketId,
  ])
  return rows.map((row) => row.id)
}

/** The eviction begins. False: the copy is wanted again, or another decision was taken. */
export async function beginEviction(sql: Sql, replicaId: string, generation: number): Promise<boolean> {
  const { rowCount } = await sql.query(
    'SELECT 1 FROM replica WHERE id = $1 AND NOT wanted AND generation = $2 FOR UPDATE',
    [replicaId, generation],
  )
  if ((rowCount ?? 0) === 0) return false
  await observe(sql, replicaId, 'delete', null)
  return true
}

/** Nothing of ours is left on the store. */
export async function endEviction(sql: Sql, replicaId: string): Promise<void> {
  await sql.query(
    `DELETE FROM dirty_object d USING replica r
     WHERE r.id = $1 AND d.bucket_id = r.bucket_id AND d.storage_id = r.storage_id`,
    [replicaId],
  )
  await observe(sql, replicaId, 'deleted', null)
}

/** Other copies of this bucket that are wanted, complete and lack nothing that is known. */
export async function copiesInSync(sql: Sql, bucketId: string, exceptStorageId: string) {
  const { rows } = await sql.query<{ storageId: string; bucketName: string }>(
    `SELECT r.storage_id AS "storageId", r.bucket_name AS "bucketName" FROM replica r
     WHERE r.bucket_id = $1 AND r.storage_id <> $2 AND r.wanted AND r.observed = 'complete' AND r.conflicts = 0
       AND r.braked = 0 AND NOT EXISTS (SELECT 1 FROM dirty_object d
         WHERE d.bucket_id = r.bucket_id AND d.storage_id = r.storage_id AND d.since <= now())`,
    [bucketId, exceptStorageId],
  )
  return rows
}
