import type { BucketVersioning } from '../../domain/bucket-versioning.ts'
import type { SourceReason } from '../../domain/replica/choose-source.ts'
import type { Observed, TaskKind } from '../../domain/replica/replica-state.ts'
import type { KeysTrouble } from '../../domain/trouble/standing.ts'
import type { MasterStop, StoreProblem, Trouble } from '../../domain/trouble/trouble.ts'
import { ms } from '../core/clock.ts'
import type { Sql } from '../core/pool.ts'
import { replaceKind } from '../queue/ask.ts'
import { isMissingIn } from '../terms/missing.ts'

export type ReplicaRecord = {
  readonly id: string
  readonly bucketId: string
  readonly storageId: string
  /** The bucket's name on that store. */
  readonly bucketName: string
  readonly wanted: boolean
  readonly serving: boolean
  readonly observed: Observed
  /** A user lets it go with its data. */
  readonly released: boolean
  readonly verifiedAt: Date | null
  /** Since when each object was compared with all that is beside its bytes; null: not yet. */
  readonly comparedSince: Date | null
  readonly versioning: BucketVersioning | null
  readonly conflicts: number
  readonly braked: number
  /** Keys that wait, their bytes as far as known, and the age of the oldest change that is missing; precautions do not count. */
  readonly lagObjects: number
  readonly lagBytes: number
  readonly oldestSeconds: number | null
  /** Since when that is missing. */
  readonly oldestSince: Date | null
  /** What its keys suffer; the work on the whole copy, and why its last run did not end well. */
  readonly keysTrouble: KeysTrouble | null
  readonly task: TaskKind | null
  readonly trouble: Trouble | null
  readonly troubleSince: number | null
  readonly brakedSince: number | null
  /** From which store its bytes came last, and why from that one: the master's where it was not chosen among several. */
  readonly sourceStorageId: string
  readonly sourceStore: string
  readonly sourceWhy: SourceReason
  /** Its store, and what a mover suffers of it. */
  readonly storeName: string
  readonly problem: StoreProblem | null
  readonly problemSince: number | null
  readonly masterStore: string
  readonly masterBucketName: string
  readonly masterStop: MasterStop | null
  readonly masterStopSince: number | null
  readonly masterProblem: StoreProblem | null
  readonly masterProblemSince: number | null
  readonly masterTrouble: Trouble | null
  readonly masterTroubleSince: number | null
  /** Of the run in hand or the last one; null before the first. */
  readonly phase: string | null
  readonly objectsDone: number | null
  readonly objectsTotal: number | null
  readonly bytesDone: number | null
  readonly bytesTotal: number | null
  readonly bytesPerSecond: number | null
}

/** What stands first of what movers suffer of a store. */
const problemOf = (storage: string) => `LEFT JOIN LATERAL (SELECT x.problem, x.since FROM store_trouble x
  WHERE x.storage_id = ${storage} ORDER BY x.since LIMIT 1)`

async function select(sql: Sql, where: string, values: unknown[]): Promise<ReplicaRecord[]> {
  const { rows } = await sql.query<ReplicaRecord>(
    `SELECT r.id, r.bucket_id AS "bucketId", r.storage_id AS "storageId", r.bucket_name AS "bucketName", r.wanted, r.serving,
       r.observed, r.released_at IS NOT NULL AS released, r.verified_at AS "verifiedAt", r.compared_since AS "comparedSince", r.versioning, r.conflicts, r.braked,
       lag.objects AS "lagObjects", lag.bytes AS "lagBytes",
       GREATEST(0, extract(epoch FROM now() - LEAST(lag.since, r.braked_since)))::float8 AS "oldestSeconds",
       LEAST(lag.since, r.braked_since) AS "oldestSince",
       r.keys_trouble AS "keysTrouble", t.kind AS task, t.trouble, ${ms('t.trouble_since')} AS "troubleSince",
       ${ms('r.braked_since')} AS "brakedSince", COALESCE(src.id, m.id) AS "sourceStorageId", COALESCE(src.name, m.name) AS "sourceStore",
       CASE WHEN src.id IS NULL THEN 'MASTER_ONLY' ELSE r.source_why END AS "sourceWhy",
       s.name AS "storeName", p.problem, ${ms('p.since')} AS "problemSince",
       m.name AS "masterStore", b.master_bucket_name AS "masterBucketName", b.master_stopped AS "masterStop",
       ${ms('b.master_stopped_since')} AS "masterStopSince", mp.problem AS "masterProblem",
       ${ms('mp.since')} AS "masterProblemSince", mt.trouble AS "masterTrouble",
       ${ms('mt.trouble_since')} AS "masterTroubleSince", t.phase,
       t.objects_done::float8 AS "objectsDone", t.objects_total::float8 AS "objectsTotal",
       t.bytes_done::float8 AS "bytesDone", t.bytes_total::float8 AS "bytesTotal", t.bytes_per_second AS "bytesPerSecond"
     FROM replica r JOIN bucket b ON b.id = r.bucket_id
     JOIN storage_deployment s ON s.id = r.storage_id JOIN storage_deployment m ON m.id = b.master_storage_id
     LEFT JOIN storage_deployment src ON src.id = r.source_storage_id
     LEFT JOIN replica_task t ON t.bucket_id = r.bucket_id AND t.storage_id = r.storage_id
     LEFT JOIN replica_task mt ON mt.bucket_id = b.id AND mt.storage_id = b.master_storage_id
     ${problemOf('s.id')} p ON true ${problemOf('m.id')} mp ON true
     CROSS JOIN LATERAL (
       SELECT count(*)::float8 AS objects, COALESCE(sum(d.size), 0)::float8 AS bytes, min(d.since) AS since
       FROM dirty_object d WHERE ${isMissingIn('d', 'r')}) lag
     WHERE ${where} ORDER BY r.bucket_id, r.id`,
    values,
  )
  return rows
}

export const replicasByIds = (sql: Sql, ids: readonly string[]): Promise<ReplicaRecord[]> =>
  select(sql, 'r.id = ANY($1::uuid[])', [ids])

export const replicasOfBuckets = (sql: Sql, bucketIds: readonly string[]): Promise<ReplicaRecord[]> =>
  select(sql, 'r.bucket_id = ANY($1::uuid[])', [bucketIds])

export const replicaOn = async (sql: Sql, bucketId: string, storageId: string): Promise<ReplicaRecord | undefined> =>
  (await select(sql, 'r.bucket_id = $1::uuid AND r.storage_id = $2::uuid', [bucketId, storageId]))[0]

/** Ids in their order, those after `after`; of one bucket, or of all. */
export async function replicaIdsAfter(
  sql: Sql,
  bucketId: string | undefined,
  after: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT id FROM replica WHERE id > $1::uuid AND ($2::uuid IS NULL OR bucket_id = $2::uuid) ORDER BY id LIMIT $3`,
    [after, bucketId ?? null, limit],
  )
  return rows.map((row) => row.id)
}

/** Which bucket each of these replicas is of. */
export async function bucketOfReplicas(sql: Sql, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql.query<{ id: string; bucketId: string }>(
    'SELECT id, bucket_id AS "bucketId" FROM replica WHERE id = ANY($1::uuid[])',
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row.bucketId]))
}

/** Nothing is written to it any more; what was being deleted of it goes no further. */
export async function orderRelease(
  sql: Sql,
  { id, bucketId, storageId }: Pick<ReplicaRecord, 'id' | 'bucketId' | 'storageId'>,
): Promise<void> {
  await sql.query('UPDATE replica SET released_at = now() WHERE id = $1::uuid AND released_at IS NULL', [id])
  await replaceKind(sql, { bucketId, storageId }, { from: 'evict', to: 'release' })
}
