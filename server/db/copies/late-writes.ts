// A mover that was stopped for a while asked a store for something under a lease that is over. By the time that the store did it
// another mover may have looked and gone.
import type { Pool } from '../core/pool.ts'
import { lookAtCopy } from '../queue/dirty-objects.ts'
import type { PlannedWrite } from './journal-announce.ts'

/**
 * The key is looked at again, and what landed there that nobody knows of, or that was taken for somebody else's, is what the journal
 * says of the write.
 */
export async function tellLateWrite(pool: Pool, { guard, key, what }: PlannedWrite): Promise<void> {
  await pool.transaction(async (tx) => {
    const { rows } = await tx.query<{ bucketId: string; storageId: string }>(
      `SELECT bucket_id AS "bucketId", storage_id AS "storageId" FROM replica
       WHERE id = $1 AND observed IN ('syncing', 'complete', 'deleting') FOR NO KEY UPDATE`,
      [guard.replicaId],
    )
    const [at] = rows
    if (at === undefined) return // its bucket went with all that was in it, or will be looked at whole
    if (what.state === 'writing')
      await tx.query(
        `INSERT INTO replica_object AS j (replica_id, key, state, epoch, source_etag, source_modified, carried, size)
         VALUES ($1, $2, 'writing', $3, $4, to_timestamp($5::float8 / 1000), $6, $7)
         ON CONFLICT (replica_id, key) DO UPDATE SET state = 'writing', epoch = excluded.epoch, source_etag = excluded.source_etag,
           source_modified = excluded.source_modified, carried = excluded.carried, size = excluded.size
         WHERE j.state IN ('conflict', 'foreign') AND j.target_etag = excluded.source_etag
           AND j.target_carried = excluded.carried`,
        [guard.replicaId, key, guard.epoch, what.sourceEtag, what.sourceModified, what.carried, what.size],
      )
    await lookAtCopy(tx, { ...at, key })
  })
}
