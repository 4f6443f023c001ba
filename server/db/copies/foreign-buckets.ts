// Buckets that stand in the way of a copy, for FaDO did not make them, or gave them up with objects of others in them: never filled,
// taken over or deleted (I9).

import type { Sql, Tx } from '../core/pool.ts'
import { markBuckets } from '../queue/dirty-buckets.ts'
import { observe } from './replica.ts'
import { dropTakeover } from './takeovers.ts'

/** A bucket that FaDO did not make stands in the way on this store. */
export async function recordForeignBucket(tx: Tx, replicaId: string): Promise<void> {
  await tx.query('UPDATE replica SET create_sent_at = NULL WHERE id = $1', [replicaId])
  await dropTakeover(tx, replicaId)
  await noteForeignBucket(tx, replicaId)
  await observe(tx, replicaId, 'fail')
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

/** Foreign buckets that were not looked at for so long; each is given to one mover. `at`: only on these stores; null: on all. */
export async function claimForeignBuckets(
  sql: Sql,
  olderThanSeconds: number,
  limit: number,
  at: readonly string[] | null,
): Promise<ForeignBucket[]> {
  const { rows } = await sql.query<ForeignBucket>(
    `UPDATE foreign_bucket f SET seen_at = now() FROM (
       SELECT storage_id, bucket_name FROM foreign_bucket WHERE seen_at < now() - make_interval(secs => $1)
         AND ($3::uuid[] IS NULL OR storage_id = ANY($3))
       ORDER BY seen_at LIMIT $2 FOR UPDATE SKIP LOCKED) d
     WHERE f.storage_id = d.storage_id AND f.bucket_name = d.bucket_name
     RETURNING f.storage_id AS "storageId", f.bucket_name AS "bucketName"`,
    [olderThanSeconds, limit, at],
  )
  return rows
}

/** It is not there (any more): the buckets that would have that name there are decided again. */
export async function forgetForeignBucket(tx: Tx, { storageId, bucketName }: ForeignBucket): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `WITH gone AS (DELETE FROM foreign_bucket WHERE storage_id = $1 AND bucket_name = $2 RETURNING storage_id)
     SELECT b.id FROM gone JOIN storage_deployment s ON s.id = gone.storage_id
     JOIN bucket b ON replace(s.bucket_name_template, '{bucket}', b.name) = $2`,
    [storageId, bucketName],
  )
  if (rows.length > 0) await markBuckets(tx, { kind: 'ids', ids: rows.map((row) => row.id) })
}
