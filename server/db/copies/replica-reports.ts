// What a mover says of a replica while keys are worked on: read as a whole, and written where it changed.
import type { Observed } from '../../domain/replica/replica-state.ts'
import { writeEvents } from '../core/events.ts'
import type { Sql } from '../core/pool.ts'
import { markBuckets } from '../queue/dirty-buckets.ts'
import { countWaiting, type Waiting } from '../queue/dirty-objects.ts'
import { type ConflictSample, sampleConflicts } from './journal.ts'

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

/**
 * In the transaction in which the report is written: the row is locked before anything is read, or the report would undo
 * what others write of the replica meanwhile (a conflict, the master's trouble).
 */
export async function summariseReplica(sql: Sql, bucketId: string, storageId: string): Promise<ReplicaSummary | null> {
  await sql.query('SELECT 1 FROM replica WHERE bucket_id = $1 AND storage_id = $2 FOR NO KEY UPDATE', [
    bucketId,
    storageId,
  ])
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
