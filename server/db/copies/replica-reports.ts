// What a mover says of a replica while keys are worked on: read as a whole, and written where it changed.
import type { Amount } from '../../domain/forecast/amount.ts'
import type { SourceReason } from '../../domain/replica/choose-source.ts'
import type { KeysTrouble } from '../../domain/trouble/standing.ts'
import type { CallFailure } from '../../domain/trouble/trouble.ts'
import type { Sql, Tx } from '../core/pool.ts'
import { markBuckets } from '../queue/dirty-buckets.ts'
import { countWaiting } from '../queue/dirty-objects.ts'
import { sampleConflicts } from './journal-counts.ts'

export type ReplicaSummary = {
  readonly replicaId: string
  /** Journal rows in conflict when it was last counted. */
  readonly conflicts: number
  readonly waiting: Amount
  /** What its keys suffer now; null when nothing. */
  readonly trouble: KeysTrouble | null
}

/**
 * In the transaction in which the report is written: the row is locked before anything is read, or the report would undo
 * what others write of the replica meanwhile (a conflict).
 */
export async function summariseReplica(sql: Sql, bucketId: string, storageId: string): Promise<ReplicaSummary | null> {
  await sql.query('SELECT 1 FROM replica WHERE bucket_id = $1 AND storage_id = $2 FOR NO KEY UPDATE', [
    bucketId,
    storageId,
  ])
  const { rows } = await sql.query<Pick<ReplicaSummary, 'replicaId' | 'conflicts'> & Failing>(
    `SELECT r.id AS "replicaId", r.conflicts, f.count, f.example FROM replica r
     CROSS JOIN LATERAL (SELECT count(*), (array_agg(d.failure ORDER BY d.key))[1] AS example FROM dirty_object d
       WHERE d.bucket_id = r.bucket_id AND d.storage_id = r.storage_id AND d.failure IS NOT NULL) f
     WHERE r.bucket_id = $1 AND r.storage_id = $2`,
    [bucketId, storageId],
  )
  const [row] = rows
  if (row === undefined) return null
  const { replicaId, conflicts, count, example } = row
  const samples = await sampleConflicts(sql, replicaId)
  const failing = example === null ? null : { count, example }
  const trouble = samples.length === 0 && failing === null ? null : { conflicts: samples, failing }
  return { replicaId, conflicts, waiting: await countWaiting(sql, bucketId, storageId), trouble }
}

type Failing = { readonly count: number; readonly example: CallFailure | null }

/** From which store the last bytes came, and why from that one. */
export type CopySource = { readonly storageId: string; readonly why: SourceReason }

export type ReplicaReport = {
  readonly bucketId: string
  readonly storageId: string
  readonly conflicts: number
  readonly trouble: KeysTrouble | null
  /** Progress of the run in hand, if there is one. */
  readonly waiting: Amount
  readonly bytesUnderWay: number
  readonly bytesPerSecond: number | null
  /** Null: nothing new is known of that. */
  readonly source: CopySource | null
  /** What may be decided otherwise now: conflicts came or went, or nothing keeps it from serving. */
  readonly decide: boolean
  /** Keys were worked on. */
  readonly moved: boolean
}

/** Writes what changed of one replica's figures and tells subscribers, if anything did. */
export async function reportReplica(tx: Tx, replicaId: string, report: ReplicaReport): Promise<void> {
  const { bucketId, storageId, conflicts, trouble, waiting, source } = report
  const changed = await tx.query(
    `UPDATE replica SET conflicts = $2, keys_trouble = $3::jsonb, source_storage_id = COALESCE($4::uuid, source_storage_id),
       source_why = COALESCE($5::text, source_why)
     WHERE id = $1 AND (conflicts <> $2 OR keys_trouble IS DISTINCT FROM $3::jsonb
       OR source_storage_id IS DISTINCT FROM COALESCE($4::uuid, source_storage_id)
       OR source_why IS DISTINCT FROM COALESCE($5::text, source_why))`,
    [
      replicaId,
      conflicts,
      trouble === null ? null : JSON.stringify(trouble),
      source?.storageId ?? null,
      source?.why ?? null,
    ],
  )
  await tx.query(
    `UPDATE replica_task SET objects_done = GREATEST(0, objects_total - $3),
       bytes_done = LEAST(bytes_total, GREATEST(0, bytes_total - $4) + $5), bytes_per_second = $6,
       phase = CASE WHEN $3::bigint = 0 THEN 'done' ELSE phase END
     WHERE bucket_id = $1 AND storage_id = $2 AND phase IN ('copying', 'comparing')`,
    [bucketId, storageId, waiting.objects, waiting.bytes, report.bytesUnderWay, report.bytesPerSecond],
  )
  if (report.decide) await markBuckets(tx, { kind: 'ids', ids: [bucketId] })
  if (report.moved || changed.rowCount) tx.changed('replica', [replicaId])
}
