// The steps of taking a replica away, as the database sees them.
import type { Sql, Tx } from '../core/pool.ts'
import { isWhole } from '../terms/copy.ts'
import { isMissingIn } from '../terms/missing.ts'
import { observe } from './replica.ts'
import { type CopyRun, isRunBy } from './run-lease.ts'

/** The eviction begins. False: the copy is wanted again, or another decision was taken. */
export async function beginEviction(tx: Tx, replicaId: string, generation: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    'SELECT 1 FROM replica WHERE id = $1 AND NOT wanted AND generation = $2 FOR NO KEY UPDATE',
    [replicaId, generation],
  )
  if ((rowCount ?? 0) === 0) return false
  await observe(tx, replicaId, 'delete')
  return true
}

/** Nothing of ours is left on the store. False: the run has the copy no more, and nothing was said. */
export async function endEviction(tx: Tx, { replicaId, runId }: CopyRun): Promise<boolean> {
  const { rowCount } = await tx.query(
    `SELECT 1 FROM replica r WHERE r.id = $1 AND ${isRunBy('$2')} FOR NO KEY UPDATE`,
    [replicaId, runId],
  )
  if ((rowCount ?? 0) === 0) return false
  await tx.query(
    `DELETE FROM dirty_object d USING replica r
     WHERE r.id = $1 AND d.bucket_id = r.bucket_id AND d.storage_id = r.storage_id`,
    [replicaId],
  )
  await observe(tx, replicaId, 'deleted')
  return true
}

/** Copies in parts that were begun, of which nothing says that they ended. */
export async function begunUploads(sql: Sql, replicaId: string) {
  const { rows } = await sql.query<{ key: string; uploadId: string }>(
    'SELECT key, upload_id AS "uploadId" FROM replica_object WHERE replica_id = $1 AND upload_id IS NOT NULL',
    [replicaId],
  )
  return rows
}

/** Journal and queue of a copy that is let go, a batch at a time. Resolves to whether more is left. */
export async function forgetSome(sql: Sql, replicaId: string, batch: number): Promise<boolean> {
  const journal = await sql.query(
    `DELETE FROM replica_object WHERE (replica_id, key) IN
       (SELECT replica_id, key FROM replica_object WHERE replica_id = $1 LIMIT $2)`,
    [replicaId, batch],
  )
  const queue = await sql.query(
    `DELETE FROM dirty_object WHERE (bucket_id, storage_id, key) IN
       (SELECT d.bucket_id, d.storage_id, d.key FROM replica r
        JOIN dirty_object d ON d.bucket_id = r.bucket_id AND d.storage_id = r.storage_id WHERE r.id = $1 LIMIT $2)`,
    [replicaId, batch],
  )
  return (journal.rowCount ?? 0) === batch || (queue.rowCount ?? 0) === batch
}

/** A retention keeps what is left, and the copy is wanted again: it goes on with what is there. */
export async function resumeEvicted(tx: Tx, replicaId: string): Promise<void> {
  await observe(tx, replicaId, 'resume')
}

/** Other copies of this bucket that are wanted, complete and lack nothing that is known. */
export async function copiesInSync(sql: Sql, bucketId: string, exceptStorageId: string) {
  const { rows } = await sql.query<{ storageId: string; bucketName: string }>(
    `SELECT r.storage_id AS "storageId", r.bucket_name AS "bucketName" FROM replica r
     WHERE r.bucket_id = $1 AND r.storage_id <> $2 AND ${isWhole('r')} AND r.conflicts = 0
       AND r.braked = 0 AND NOT EXISTS (SELECT 1 FROM dirty_object d
         WHERE ${isMissingIn('d', 'r')})`,
    [bucketId, exceptStorageId],
  )
  return rows
}
