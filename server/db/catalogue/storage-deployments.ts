import type { EventsSetting } from '../../domain/fleet/event-source.ts'
import type { StoreAccess } from '../../domain/fleet/store-access.ts'
import type { CapabilityGap } from '../../domain/fleet/store-capability.ts'
import type { KnownObject } from '../../domain/same-bucket.ts'
import type { CatalogueTx } from '../core/client.ts'
import { ms } from '../core/clock.ts'
import type { Sql, Tx } from '../core/pool.ts'
import type { HealthRecord } from './faas-deployments.ts'
import { healthColumns } from './health-columns.ts'

/** Without its credentials: who needs them asks for them. */
export type StorageRecord = HealthRecord &
  StoreAccess & {
    readonly id: string
    readonly clusterId: string
    readonly name: string
    readonly managementUrl: string | null
    readonly bucketNameTemplate: string
    readonly events: EventsSetting
    readonly snsTopics: readonly string[]
    readonly capabilities: readonly string[]
    readonly lacking: readonly CapabilityGap[]
    readonly state: 'active' | 'deleting'
    readonly version: number
  }
export type SealedStorage = StorageRecord & { readonly credentials: string }

const columns = `s.id, s.cluster_id AS "clusterId", s.name, s.endpoint, s.public_endpoint AS "publicEndpoint", s.region,
  s.management_url AS "managementUrl", s.addressing, s.ca_certificates AS "caCertificates", s.skip_tls_verify AS "skipTlsVerify",
  s.events, s.sns_topics AS "snsTopics",
  s.lacking, s.bucket_name_template AS "bucketNameTemplate", s.capabilities, s.state, s.version,
  ${healthColumns('s')}`

async function select(sql: Sql, rest: string, values: unknown[]): Promise<StorageRecord[]> {
  const { rows } = await sql.query<StorageRecord>(`SELECT ${columns} FROM storage_deployment s ${rest}`, values)
  return rows
}

async function selectSealed(sql: Sql, rest: string, values: unknown[]): Promise<SealedStorage[]> {
  const { rows } = await sql.query<SealedStorage>(
    `SELECT ${columns}, s.credentials FROM storage_deployment s ${rest}`,
    values,
  )
  return rows
}

export const storagesByIds = (sql: Sql, ids: readonly string[]): Promise<StorageRecord[]> =>
  select(sql, 'WHERE s.id = ANY($1::uuid[])', [ids])

export const storagesOfClusters = (sql: Sql, clusterIds: readonly string[]): Promise<StorageRecord[]> =>
  select(sql, 'WHERE s.cluster_id = ANY($1::uuid[]) ORDER BY s.name', [clusterIds])

export const storageByName = async (sql: Sql, name: string): Promise<StorageRecord | undefined> =>
  (await select(sql, 'WHERE s.name = $1', [name]))[0]

export const sealedStorage = async (sql: Sql, name: string): Promise<SealedStorage | undefined> =>
  (await selectSealed(sql, 'WHERE s.name = $1', [name]))[0]

export const sealedStorageById = async (sql: Sql, id: string): Promise<SealedStorage | undefined> =>
  (await selectSealed(sql, 'WHERE s.id = $1::uuid', [id]))[0]

/** Every registered store. */
export const sealedStorages = (sql: Sql): Promise<SealedStorage[]> => selectSealed(sql, 'ORDER BY s.name', [])

/** Until the transaction ends nobody else changes it, or gives it a bucket. */
export const lockStorage = async (tx: Tx, name: string): Promise<StorageRecord | undefined> =>
  (await select(tx, 'WHERE s.name = $1 FOR NO KEY UPDATE', [name]))[0]

/** Until the transaction ends nobody removes it. */
export const holdStorage = async (tx: Tx, name: string): Promise<StorageRecord | undefined> =>
  (await select(tx, 'WHERE s.name = $1 FOR SHARE', [name]))[0]

export const lockStoragesOfCluster = (tx: Tx, clusterId: string): Promise<StorageRecord[]> =>
  select(tx, 'WHERE s.cluster_id = $1::uuid ORDER BY s.id FOR NO KEY UPDATE', [clusterId])

/** By which of both a store is registered already. */
export async function storageTaken(
  sql: Sql,
  name: string,
  endpoint: string,
): Promise<'storage.name' | 'storage.endpoint' | undefined> {
  const { rows } = await sql.query<{ byName: boolean }>(
    `SELECT name = $1 AS "byName" FROM storage_deployment
     WHERE name = $1 OR endpoint = $2 ORDER BY name = $1 DESC LIMIT 1`,
    [name, endpoint],
  )
  const [row] = rows
  return row && (row.byName ? 'storage.name' : 'storage.endpoint')
}

/** Those of the names that no store has, or only one that is being removed. */
export async function unknownStorages(sql: Sql, names: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(
    `SELECT name FROM storage_deployment WHERE name = ANY($1::text[]) AND state = 'active'`,
    [names],
  )
  const known = new Set(rows.map((row) => row.name))
  return names.filter((name) => !known.has(name))
}

/** Names of buckets whose master lies on one of these stores, some of them. */
export async function mastersOn(sql: Sql, storageIds: readonly string[], limit: number): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(
    'SELECT name FROM bucket WHERE master_storage_id = ANY($1::uuid[]) ORDER BY name LIMIT $2',
    [storageIds, limit],
  )
  return rows.map((row) => row.name)
}

/** `createdOn`: milliseconds by the store's clock, where FaDO knows it. `known`: some objects that FaDO knows to be in it. */
export type BucketOnStore = {
  readonly name: string
  readonly createdOn: number | null
  readonly known: readonly KnownObject[]
}

/** A store may have thousands of buckets, and all are asked about at once. */
const knownOfEach = 4

/** SQL: a few rows with `key` and `etag`, as one value. */
const sample = (rows: string) =>
  `COALESCE((SELECT jsonb_agg(k) FROM (${rows} ORDER BY key LIMIT ${knownOfEach}) k), '[]') AS known`

/** Buckets that FaDO made or found on the store: masters, and replicas that are there. */
export async function bucketsOnStore(sql: Sql, storageId: string): Promise<BucketOnStore[]> {
  const { rows } = await sql.query<BucketOnStore>(
    `SELECT b.master_bucket_name AS name, ${ms('b.master_created_on')} AS "createdOn",
       ${sample('SELECT key, etag FROM object_record WHERE bucket_id = b.id')}
     FROM bucket b WHERE b.master_storage_id = $1 AND b.state <> 'creating'
     UNION ALL
     SELECT r.bucket_name, ${ms('r.created_on')},
       ${sample(`SELECT key, target_etag AS etag FROM replica_object
         WHERE replica_id = r.id AND state = 'there' AND target_etag IS NOT NULL`)}
     FROM replica r WHERE r.storage_id = $1 AND r.observed IN ('syncing', 'complete', 'deleting')
     ORDER BY name`,
    [storageId],
  )
  return rows
}

/** Whether it is known to report other creation dates for buckets that are the same. */
export async function storageDatesMove(sql: Sql, storageId: string): Promise<boolean> {
  const { rows } = await sql.query<{ move: boolean }>(
    'SELECT dates_move AS move FROM storage_deployment WHERE id = $1',
    [storageId],
  )
  return rows[0]?.move ?? false
}

/** As a trial of the store showed it. */
export async function recordDatesMove(sql: Sql, storageId: string, datesMove: boolean): Promise<void> {
  await sql.query('UPDATE storage_deployment SET dates_move = $2 WHERE id = $1', [storageId, datesMove])
}

export type StorageSettings = Pick<
  SealedStorage,
  keyof StoreAccess | 'managementUrl' | 'events' | 'snsTopics' | 'capabilities' | 'lacking' | 'credentials'
>
export type NewStorage = StorageSettings & Pick<StorageRecord, 'id' | 'clusterId' | 'name' | 'bucketNameTemplate'>

/** As Prisma wants them. */
const listsOf = ({
  snsTopics,
  capabilities,
  lacking,
}: Pick<StorageRecord, 'snsTopics' | 'capabilities' | 'lacking'>) => ({
  snsTopics: [...snsTopics],
  capabilities: [...capabilities],
  lacking: lacking.map((gap) => ({ ...gap })),
})

/** It has just been probed, so it is healthy. */
export async function insertStorage(tx: CatalogueTx, storage: NewStorage): Promise<void> {
  await tx.prisma.storageDeployment.create({ data: { ...storage, ...listsOf(storage), health: 'healthy' } })
  await tx.query('UPDATE storage_deployment SET health_since = now() WHERE id = $1::uuid', [storage.id])
}

/** What waits for the store is tried with these settings. */
export async function changeStorage(tx: CatalogueTx, storage: StorageRecord, settings: StorageSettings): Promise<void> {
  await tx.prisma.storageDeployment.update({
    where: { id: storage.id },
    data: { ...settings, ...listsOf(settings), version: storage.version + 1 },
  })
  tx.wake('task')
  tx.wake('object')
}

/** `forget`: also when it cannot be reached, and then at once. */
export async function startRemoval(sql: Sql, ids: readonly string[], forget: boolean): Promise<void> {
  await sql.query(
    `UPDATE storage_deployment SET state = 'deleting', forget = forget OR $2::boolean, version = version + 1
     WHERE id = ANY($1::uuid[])`,
    [ids, forget],
  )
}

/** As browsers reach the stores; each once. */
export async function storeAddresses(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ address: string }>(
    'SELECT DISTINCT COALESCE(public_endpoint, endpoint) AS address FROM storage_deployment ORDER BY 1',
  )
  return rows.map((row) => row.address)
}
