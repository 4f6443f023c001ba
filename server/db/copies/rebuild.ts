// The rebuild of a master from one of its copies, as the database sees it.
import type { Rebuild } from '../../domain/replica/regress.ts'
import type { Sql, Tx } from '../core/pool.ts'

/** Whether the master may be written to: somebody ordered that it be made again, and has not chosen otherwise since. */
export async function mayRebuild(sql: Sql, bucketId: string, fromStorageId: string): Promise<boolean> {
  const { rows } = await sql.query(
    `SELECT 1 FROM bucket b WHERE b.id = $1 AND b.state = 'active' AND b.master_stopped = 'regressed'
       AND b.master_choice = 'rebuild' AND b.master_choice_from = $2`,
    [bucketId, fromStorageId],
  )
  return rows.length > 0
}

/** How it goes; subscribers are told. */
export async function writeRebuild(tx: Tx, bucketId: string, rebuild: Rebuild): Promise<void> {
  await tx.query('UPDATE bucket SET master_rebuild = $2::jsonb WHERE id = $1', [bucketId, JSON.stringify(rebuild)])
  tx.changed('bucket', [bucketId])
}

export type RebuildUpload = { readonly key: string; readonly uploadId: string }

/** Before its first byte goes out. */
export async function noteUpload(sql: Sql, bucketId: string, { key, uploadId }: RebuildUpload): Promise<void> {
  await sql.query(
    `INSERT INTO rebuild_upload (bucket_id, key, upload_id) VALUES ($1, $2, $3)
     ON CONFLICT (bucket_id, key) DO UPDATE SET upload_id = excluded.upload_id`,
    [bucketId, key, uploadId],
  )
}

/** It was completed or aborted. */
export async function forgetUpload(sql: Sql, bucketId: string, key: string): Promise<void> {
  await sql.query('DELETE FROM rebuild_upload WHERE bucket_id = $1 AND key = $2', [bucketId, key])
}

/** Those that a mover left when it was killed. */
export async function leftUploads(sql: Sql, bucketId: string): Promise<RebuildUpload[]> {
  const { rows } = await sql.query<RebuildUpload>(
    'SELECT key, upload_id AS "uploadId" FROM rebuild_upload WHERE bucket_id = $1 ORDER BY key',
    [bucketId],
  )
  return rows
}
