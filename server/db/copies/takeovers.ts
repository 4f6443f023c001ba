// Orders to take over a copy that others made: given with the adoption of its bucket, and gone once a mover acts on them.
import { ms } from '../core/clock.ts'
import type { Sql, Tx } from '../core/pool.ts'
import type { WriteGuard } from './journal-announce.ts'
import { mayWrite } from './may-write.ts'
import { observe } from './replica.ts'

/** The creation date of the bucket that was meant, in milliseconds by its store's clock; null: there is no such order. */
export async function takeoverOf(sql: Sql, bucketId: string, storageId: string): Promise<number | null> {
  const { rows } = await sql.query<{ createdOn: number }>(
    `SELECT ${ms('created_on')} AS "createdOn" FROM takeover
     WHERE bucket_id = $1 AND storage_id = $2`,
    [bucketId, storageId],
  )
  return rows[0]?.createdOn ?? null
}

/** From now on that bucket is the copy's, and its first sync takes over what equals the master. False: it may not begin now. */
export async function beginTakeover(tx: Tx, guard: WriteGuard, createdOn: number): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE replica r SET create_sent_at = now(), created_on = to_timestamp($4::float8 / 1000), taking_over = true
     FROM bucket b WHERE r.id = $1 AND b.id = r.bucket_id AND ${mayWrite({ epoch: '$2', generation: '$3' })}`,
    [guard.replicaId, guard.epoch, guard.generation, createdOn],
  )
  if ((rowCount ?? 0) === 0) return false
  await dropTakeover(tx, guard.replicaId)
  await observe(tx, guard.replicaId, 'create')
  return true
}

/** It was acted on, or what it was about is not there. */
export async function dropTakeover(sql: Sql, replicaId: string): Promise<void> {
  await sql.query(
    `DELETE FROM takeover t USING replica r
     WHERE r.id = $1 AND t.bucket_id = r.bucket_id AND t.storage_id = r.storage_id`,
    [replicaId],
  )
}
