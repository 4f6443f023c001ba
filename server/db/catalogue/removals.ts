// Stores and clusters that are being removed: which have nothing left, and their end.

import type { Sql, Tx } from '../core/pool.ts'
import { markBuckets } from '../queue/dirty-buckets.ts'
import { isDown } from '../terms/health.ts'
import { anyKey } from '../terms/missing.ts'

export type RemovableStorage = {
  readonly id: string
  readonly name: string
  /** Replicas whose data stays behind, for the store is gone for good; and the names of their buckets there. */
  readonly replicaIds: readonly string[]
  readonly bucketNames: readonly string[]
}

/** Stores being removed on which nothing is left, or which shall be forgotten and do not answer. */
export async function removableStorages(sql: Sql): Promise<RemovableStorage[]> {
  const { rows } = await sql.query<RemovableStorage>(
    `SELECT s.id, s.name, COALESCE(array_agg(r.id::text) FILTER (WHERE r.id IS NOT NULL), '{}') AS "replicaIds",
       COALESCE(array_agg(r.bucket_name) FILTER (WHERE r.id IS NOT NULL), '{}') AS "bucketNames"
     FROM storage_deployment s LEFT JOIN replica r ON r.storage_id = s.id
     WHERE s.state = 'deleting' AND NOT EXISTS (SELECT 1 FROM bucket m WHERE m.master_storage_id = s.id)
     GROUP BY s.id HAVING count(r.id) = 0 OR (s.forget AND ${isDown('s')})`,
  )
  return rows
}

/** Journal and queue of copies that stay behind; a batch at a time, so that no transaction is long. Returns whether more is left. */
export async function forgetJournalsOn(sql: Sql, storage: RemovableStorage, batch: number): Promise<boolean> {
  const journal = await sql.query(
    `DELETE FROM replica_object WHERE (replica_id, key) IN
       (SELECT replica_id, key FROM replica_object WHERE replica_id = ANY($1::uuid[]) LIMIT $2)`,
    [storage.replicaIds, batch],
  )
  const queue = await sql.query(
    `DELETE FROM dirty_object WHERE (bucket_id, storage_id, key) IN
       (SELECT bucket_id, storage_id, key FROM dirty_object d WHERE storage_id = $1 AND ${anyKey('d')} LIMIT $2)`,
    [storage.id, batch],
  )
  return (journal.rowCount ?? 0) === batch || (queue.rowCount ?? 0) === batch
}

/** The store's rows go. What has come back to it meanwhile (a copy, a master) makes this fail by its foreign key. */
export async function deleteStorage(tx: Tx, { id, replicaIds }: RemovableStorage): Promise<void> {
  // All: what had no place says of each cluster why.
  await markBuckets(tx, { kind: 'all' }, { intent: replicaIds.length > 0 })
  await tx.query('DELETE FROM replica_object WHERE replica_id = ANY($1::uuid[])', [replicaIds])
  await tx.query('DELETE FROM replica WHERE id = ANY($1::uuid[])', [replicaIds])
  await tx.query(`DELETE FROM dirty_object d WHERE storage_id = $1 AND ${anyKey('d')}`, [id])
  for (const table of ['replica_task', 'replication_run', 'replica_conformance'])
    await tx.query(`DELETE FROM ${table} WHERE storage_id = $1`, [id])
  await tx.query('DELETE FROM storage_deployment WHERE id = $1', [id])
  tx.changed('storage', [id])
}

/** Clusters being removed that have no store left go, with their function deployments. Returns how many. */
export async function deleteEmptyClusters(tx: Tx): Promise<number> {
  const { rows } = await tx.query<{ id: string }>(
    `DELETE FROM cluster c WHERE c.state = 'deleting'
       AND NOT EXISTS (SELECT 1 FROM storage_deployment s WHERE s.cluster_id = c.id) RETURNING c.id`,
  )
  const ids = rows.map((row) => row.id)
  await tx.query(`DELETE FROM policy_value WHERE scope = 'cluster' AND scope_id = ANY($1::uuid[])`, [ids])
  tx.changed('cluster', ids)
  if (rows.length > 0) {
    await markBuckets(tx, { kind: 'all' }) // a zone that was known may be unknown now
    tx.wake('endpoints')
  }
  return rows.length
}
