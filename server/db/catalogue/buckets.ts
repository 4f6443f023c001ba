import type { BucketVersioning } from '../../domain/bucket-versioning.ts'
import type { PlacementCondition } from '../../domain/placement/placement.ts'
import type { Reason } from '../../domain/reason.ts'
import type { FoundRegress, MasterChoice, Rebuild } from '../../domain/replica/regress.ts'
import type { MasterStop } from '../../domain/trouble/trouble.ts'
import type { CatalogueTx } from '../core/client.ts'
import { ms } from '../core/clock.ts'
import type { Sql, Tx } from '../core/pool.ts'
import { takeRecords } from '../queue/record-objects.ts'
import { isDown } from '../terms/health.ts'

export type BucketRecord = {
  readonly id: string
  readonly name: string
  readonly state: 'creating' | 'active' | 'deleting'
  readonly masterStorageId: string
  /** Its name on its master's store. */
  readonly masterBucketName: string
  readonly version: number
  readonly condition: PlacementCondition
  readonly reasons: readonly Reason[]
  /** Null before the first whole look at the master. */
  readonly objects: number | null
  readonly bytes: number | null
  /** Start of the last whole look at the master that ended well. */
  readonly masterSweptAt: Date | null
  readonly masterVersioning: BucketVersioning | null
  /** Why nothing may be copied from its master; null: it is trusted. */
  readonly masterStop: MasterStop | null
  /** While the master went backwards: since when that is known, what was found, and what was chosen. */
  readonly regressedSince: Date | null
  readonly regress: FoundRegress | null
  readonly masterChoice: MasterChoice | null
  /** How the last rebuild of the master goes or went. */
  readonly rebuild: Rebuild | null
  /** The creation date that its store reports, in milliseconds by the store's clock; null: not seen yet. */
  readonly masterCreatedOn: number | null
  /** While it is being deleted: the master's bucket goes too. */
  readonly deleteData: boolean
}

export const bucketColumns = `b.id, b.name, b.state, b.master_storage_id AS "masterStorageId",
  b.master_bucket_name AS "masterBucketName", b.version, b.placement_condition AS condition, b.placement_reasons AS reasons,
  b.objects::float8 AS objects, b.bytes::float8 AS bytes, b.master_swept_at AS "masterSweptAt",
  b.master_versioning AS "masterVersioning", b.master_stopped AS "masterStop", b.delete_data AS "deleteData",
  ${ms('b.master_created_on')} AS "masterCreatedOn",
  CASE WHEN b.master_stopped = 'regressed' THEN b.master_stopped_since END AS "regressedSince", b.master_regress AS regress,
  b.master_choice AS "masterChoice", b.master_rebuild AS rebuild`

async function select(sql: Sql, rest: string, values: unknown[]): Promise<BucketRecord[]> {
  const { rows } = await sql.query<BucketRecord>(`SELECT ${bucketColumns} FROM bucket b ${rest}`, values)
  return rows
}

/** Those that readers see: one that is being created is not there yet. */
export const bucketsByIds = (sql: Sql, ids: readonly string[]): Promise<BucketRecord[]> =>
  select(sql, `WHERE b.id = ANY($1::uuid[]) AND b.state <> 'creating'`, [ids])

export const bucketByName = async (sql: Sql, name: string): Promise<BucketRecord | undefined> =>
  (await select(sql, `WHERE b.name = $1 AND b.state <> 'creating'`, [name]))[0]

export const bucketByKey = async (sql: Sql, idempotencyKey: string): Promise<BucketRecord | undefined> =>
  (await select(sql, 'WHERE b.idempotency_key = $1', [idempotencyKey]))[0]

/** Also of one that is being created; undefined when the name is free. */
export async function bucketState(sql: Sql, name: string): Promise<BucketRecord['state'] | undefined> {
  const { rows } = await sql.query<{ state: BucketRecord['state'] }>('SELECT state FROM bucket WHERE name = $1', [name])
  return rows[0]?.state
}

/** Until the transaction ends nobody else changes it. */
export async function lockBucket(tx: Tx, name: string): Promise<BucketRecord | undefined> {
  await tx.query(`SELECT ${takeRecords('id')} FROM bucket WHERE name = $1`, [name])
  return (await select(tx, `WHERE b.name = $1 AND b.state <> 'creating' FOR NO KEY UPDATE`, [name]))[0]
}

/** Zones of the cluster where the bucket's master lies. */
export async function masterZones(sql: Sql, bucketId: string): Promise<readonly string[]> {
  const { rows } = await sql.query<{ zones: string[] }>(
    `SELECT c.zones FROM bucket b JOIN storage_deployment s ON s.id = b.master_storage_id
     JOIN cluster c ON c.id = s.cluster_id WHERE b.id = $1::uuid`,
    [bucketId],
  )
  return rows[0]?.zones ?? []
}

/** A copy that a master may be made again from, with what speaks against it. */
export type RebuildSource = {
  readonly storageId: string
  readonly store: string
  readonly wanted: boolean
  readonly complete: boolean
  readonly healthy: boolean
  readonly conflicts: number
  /** Changes that it was known to lack when the master was stopped, held deletes included. */
  readonly lacks: number
}

export async function rebuildSources(sql: Sql, bucketId: string): Promise<RebuildSource[]> {
  const { rows } = await sql.query<RebuildSource>(
    `SELECT r.storage_id AS "storageId", s.name AS store, r.wanted, r.observed = 'complete' AS complete,
       NOT ${isDown('s')} AND NOT EXISTS (
         SELECT 1 FROM store_trouble x WHERE x.storage_id = s.id AND x.problem <> 'no-writes') AS healthy, r.conflicts,
       (r.braked + (SELECT count(*) FROM dirty_object d WHERE d.bucket_id = r.bucket_id AND d.storage_id = r.storage_id
         AND d.since < b.master_stopped_since))::int AS lacks
     FROM replica r JOIN bucket b ON b.id = r.bucket_id JOIN storage_deployment s ON s.id = r.storage_id
     WHERE r.bucket_id = $1::uuid ORDER BY s.name`,
    [bucketId],
  )
  return rows
}

/** What a user chose of a master that went backwards; `from`: with a rebuild, the store of the replica. */
export async function writeMasterChoice(
  sql: Sql,
  bucketId: string,
  chosen: { readonly choice: MasterChoice; readonly from: string | null },
): Promise<void> {
  await sql.query(
    `UPDATE bucket SET master_choice = $2::text, master_choice_from = $3::uuid, master_chosen_at = clock_timestamp()
     WHERE id = $1::uuid`,
    [bucketId, chosen.choice, chosen.from],
  )
}

/** A change by a user. */
export async function bumpBucket(tx: CatalogueTx, id: string): Promise<void> {
  await tx.prisma.bucket.update({ where: { id }, data: { version: { increment: 1 } } })
}

export async function startDeletion(tx: CatalogueTx, id: string, deleteData: boolean): Promise<void> {
  await tx.prisma.bucket.update({ where: { id }, data: { state: 'deleting', deleteData, version: { increment: 1 } } })
}

export type NewBucket = {
  readonly id: string
  readonly name: string
  readonly masterStorageId: string
  readonly masterBucketName: string
  readonly idempotencyKey: string | null
}

/** A bucket that is there already; `createdOn`: its creation date as its store reports it. */
export type AdoptedBucket = Omit<NewBucket, 'idempotencyKey'> & { readonly createdOn: number }

/** In the state `creating` until its events are subscribed. */
export async function insertAdopted(tx: CatalogueTx, { createdOn, ...bucket }: AdoptedBucket): Promise<void> {
  await tx.prisma.bucket.create({ data: { ...bucket, adopted: true, masterCreatedOn: new Date(createdOn) } })
}

/** In the state `creating`; from its commit on the store may be asked to make it. */
export async function insertBucket(tx: Tx, bucket: NewBucket): Promise<void> {
  await tx.query(
    `INSERT INTO bucket (id, name, master_storage_id, master_bucket_name, idempotency_key, create_sent_at)
     VALUES ($1::uuid, $2, $3::uuid, $4, $5, now())`,
    [bucket.id, bucket.name, bucket.masterStorageId, bucket.masterBucketName, bucket.idempotencyKey],
  )
}

/** It is there. Returns whether this call made it so. */
export async function activateBucket(sql: Sql, id: string): Promise<boolean> {
  const { rows } = await sql.query<{ id: string }>(
    `UPDATE bucket SET state = 'active' WHERE id = $1::uuid AND state = 'creating' RETURNING id`,
    [id],
  )
  return rows.length > 0
}

/** Takes back what `insertBucket` stored, with its policies. */
export async function forgetCreation(sql: Sql, id: string): Promise<void> {
  await sql.query(`DELETE FROM policy_value WHERE scope = 'bucket' AND scope_id = $1::uuid`, [id])
  await sql.query('DELETE FROM dirty_bucket WHERE bucket_id = $1::uuid', [id])
  await sql.query(`DELETE FROM bucket WHERE id = $1::uuid AND state = 'creating'`, [id])
}

export type Creation = NewBucket & {
  /** Since when the store may have been asked to make it, in milliseconds by PostgreSQL's clock; null: it was there already. */
  readonly sentAt: number | null
  /** Of one that was there already: its creation date, in milliseconds by its store's clock. */
  readonly createdOn: number | null
}

/** Buckets whose creation was begun and neither finished nor taken back. */
export async function creations(sql: Sql): Promise<Creation[]> {
  const { rows } = await sql.query<Creation>(
    `SELECT id, name, master_storage_id AS "masterStorageId", master_bucket_name AS "masterBucketName",
       idempotency_key AS "idempotencyKey",
       CASE WHEN adopted THEN NULL ELSE extract(epoch FROM create_sent_at) * 1000 END::float8 AS "sentAt",
       CASE WHEN adopted THEN extract(epoch FROM master_created_on) * 1000 END::float8 AS "createdOn"
     FROM bucket WHERE state = 'creating' ORDER BY id`,
  )
  return rows
}
