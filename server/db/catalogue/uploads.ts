// Objects that clients are sending to masters. Times are by the database's clock.

import type { CatalogueTx } from '../core/client.ts'
import { ms } from '../core/clock.ts'
import type { Sql } from '../core/pool.ts'

/** What is stored beside the bytes. */
export type UploadCarried = {
  readonly contentType: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly tags: readonly { readonly key: string; readonly value: string }[]
}

export type UploadRecord = {
  readonly id: string
  readonly bucketId: string
  readonly bucketName: string
  /** The master's store when it began. */
  readonly storageId: string
  readonly key: string
  readonly size: number
  readonly carried: UploadCarried
  /** Null: in one piece. */
  readonly partSize: number | null
  readonly storeUploadId: string | null
  readonly state: 'open' | 'completed' | 'aborted'
  readonly etag: string | null
  readonly idempotencyKey: string | null
  readonly expiresAt: Date
  /** Since its begin, in milliseconds. */
  readonly ageMs: number
}

const columns = `u.id, u.bucket_id AS "bucketId", b.name AS "bucketName", u.storage_id AS "storageId", u.key,
  u.size::float8 AS size, u.carried, u.part_size::float8 AS "partSize", u.store_upload_id AS "storeUploadId", u.state, u.etag,
  u.idempotency_key AS "idempotencyKey", u.expires_at AS "expiresAt",
  ${ms('clock_timestamp() - u.created_at')} AS "ageMs"`

async function select(sql: Sql, rest: string, values: unknown[]): Promise<UploadRecord[]> {
  const { rows } = await sql.query<UploadRecord>(
    `SELECT ${columns} FROM upload u JOIN bucket b ON b.id = u.bucket_id ${rest}`,
    values,
  )
  return rows
}

const live = `u.expires_at > now() AND u.state <> 'aborted'`

/** Undefined when it has expired or was aborted. */
export const uploadById = async (sql: Sql, id: string): Promise<UploadRecord | undefined> =>
  (await select(sql, `WHERE u.id = $1::uuid AND ${live}`, [id]))[0]

export const openUploadByKey = async (
  sql: Sql,
  bucketId: string,
  key: string,
  idempotencyKey: string,
): Promise<UploadRecord | undefined> =>
  (
    await select(
      sql,
      `WHERE u.bucket_id = $1::uuid AND u.key = $2 AND u.idempotency_key = $3 AND u.state = 'open' AND u.expires_at > now()`,
      [bucketId, key, idempotencyKey],
    )
  )[0]

export type NewUpload = Pick<
  UploadRecord,
  'id' | 'bucketId' | 'storageId' | 'key' | 'size' | 'carried' | 'partSize' | 'storeUploadId' | 'idempotencyKey'
>

/** One that has expired gives its idempotency key free. */
export async function insertUpload(sql: Sql, upload: NewUpload, seconds: number): Promise<void> {
  const { id, bucketId, storageId, key, size, carried, partSize, storeUploadId, idempotencyKey } = upload
  if (idempotencyKey !== null)
    await sql.query(
      `UPDATE upload SET idempotency_key = NULL
       WHERE bucket_id = $1::uuid AND key = $2 AND idempotency_key = $3 AND (state <> 'open' OR expires_at <= now())`,
      [bucketId, key, idempotencyKey],
    )
  await sql.query(
    `INSERT INTO upload (id, bucket_id, storage_id, key, size, carried, part_size, store_upload_id, idempotency_key, expires_at)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4, $5, $6::jsonb, $7, $8, $9, now() + make_interval(secs => $10))`,
    [id, bucketId, storageId, key, size, JSON.stringify(carried), partSize, storeUploadId, idempotencyKey, seconds],
  )
}

/** Who goes on with it has so long again. */
export async function prolongUpload(sql: Sql, id: string, seconds: number): Promise<void> {
  await sql.query(
    `UPDATE upload SET expires_at = GREATEST(expires_at, now() + make_interval(secs => $2))
     WHERE id = $1::uuid AND state = 'open'`,
    [id, seconds],
  )
}

/** Kept until it expires, so that completing it again answers the same. */
export async function uploadCompleted(tx: CatalogueTx, id: string, etag: string): Promise<void> {
  await tx.query(
    `UPDATE upload SET state = 'completed', etag = $2, idempotency_key = NULL WHERE id = $1::uuid AND state = 'open'`,
    [id, etag],
  )
}

/** Its parts go when a leader finds it. */
export async function uploadAborted(tx: CatalogueTx, id: string): Promise<void> {
  await tx.query(
    `UPDATE upload SET state = 'aborted', expires_at = now(), idempotency_key = NULL WHERE id = $1::uuid AND state = 'open'`,
    [id],
  )
}

/** An upload that is over, with what its store is to be told. */
export type EndedUpload = Pick<UploadRecord, 'id' | 'storageId' | 'key' | 'storeUploadId' | 'state'> & {
  readonly masterBucketName: string
}

/** Aborted, expired, or of a bucket that is being deleted; not those that are to be tried again later. */
export async function endedUploads(sql: Sql, limit: number): Promise<EndedUpload[]> {
  const { rows } = await sql.query<EndedUpload>(
    `SELECT u.id, u.storage_id AS "storageId", u.key, u.store_upload_id AS "storeUploadId", u.state,
       b.master_bucket_name AS "masterBucketName"
     FROM upload u JOIN bucket b ON b.id = u.bucket_id
     WHERE u.expires_at <= now() OR (b.state = 'deleting' AND u.state <> 'aborted')
     ORDER BY u.expires_at LIMIT $1`,
    [limit],
  )
  return rows
}

export async function forgetUpload(sql: Sql, id: string): Promise<void> {
  await sql.query('DELETE FROM upload WHERE id = $1::uuid', [id])
}

/** Its store does not answer: it is tried again later. */
export async function retryUploadLater(sql: Sql, id: string, seconds: number): Promise<void> {
  await sql.query(
    `UPDATE upload SET state = 'aborted', expires_at = now() + make_interval(secs => $2) WHERE id = $1::uuid`,
    [id, seconds],
  )
}
