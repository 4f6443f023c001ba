// What movers suffer of whole stores. Each mover has rows of its own, so none says that all is well while another suffers;
// it renews them, and those of a mover that is gone end by themselves.
import type { StoreProblem } from '../../domain/trouble/trouble.ts'
import type { Tx } from '../core/pool.ts'
import { markBuckets } from '../queue/dirty-buckets.ts'
import { isWhole } from '../terms/copy.ts'
import { isKeyOf } from '../terms/missing.ts'

/** Buckets with their master there, and copies there that something is to be done about, are other than they were. */
async function tell(tx: Tx, storageId: string): Promise<void> {
  await markBuckets(tx, { kind: 'storage', storageId })
  tx.wake('object')
  tx.changed('storage', [storageId])
  const buckets = await tx.query<{ id: string }>('SELECT id FROM bucket WHERE master_storage_id = $1', [storageId])
  tx.changed(
    'bucket',
    buckets.rows.map((row) => row.id),
  )
  const replicas = await tx.query<{ id: string }>(
    `SELECT r.id FROM replica r WHERE r.storage_id = $1 AND (NOT (${isWhole('r')})
       OR EXISTS (SELECT 1 FROM dirty_object d WHERE ${isKeyOf('d', 'r')}))`,
    [storageId],
  )
  tx.changed(
    'replica',
    replicas.rows.map((row) => row.id),
  )
}

/** This mover cannot work with the store, which is probed at once. */
export async function recordStoreTrouble(
  tx: Tx,
  owner: string,
  storageId: string,
  problem: StoreProblem,
): Promise<void> {
  const { rowCount } = await tx.query(
    `INSERT INTO store_trouble AS t (storage_id, owner, problem) SELECT id, $2, $3 FROM storage_deployment WHERE id = $1
     ON CONFLICT (storage_id, owner) DO UPDATE SET problem = excluded.problem, seen_at = now()
       WHERE t.problem <> excluded.problem`,
    [storageId, owner, problem],
  )
  tx.wake('store')
  if (rowCount) await tell(tx, storageId)
}

/** The store answers this mover again. */
export async function endStoreTrouble(tx: Tx, owner: string, storageId: string): Promise<void> {
  const { rowCount } = await tx.query('DELETE FROM store_trouble WHERE storage_id = $1 AND owner = $2', [
    storageId,
    owner,
  ])
  if (rowCount) await tell(tx, storageId)
}

/** Renews what this mover suffers, and ends what movers suffered that were not heard of for so long. */
export async function renewStoreTroubles(tx: Tx, owner: string, silentSeconds: number): Promise<void> {
  await tx.query('UPDATE store_trouble SET seen_at = now() WHERE owner = $1', [owner])
  const { rows } = await tx.query<{ storageId: string }>(
    `DELETE FROM store_trouble WHERE seen_at < now() - make_interval(secs => $1) RETURNING storage_id AS "storageId"`,
    [silentSeconds],
  )
  for (const { storageId } of rows) await tell(tx, storageId)
}
