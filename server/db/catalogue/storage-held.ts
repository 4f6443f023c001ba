import type { Sql } from '../core/pool.ts'

export type StorageHeld = { readonly storageId: string; readonly masters: number; readonly replicas: number }

/** How many buckets have their master on a store, and how many a replica, whatever its state. */
export async function heldOnStorages(sql: Sql, ids: readonly string[]): Promise<StorageHeld[]> {
  const { rows } = await sql.query<StorageHeld>(
    `SELECT s.id AS "storageId", COALESCE(m.n, 0) AS masters, COALESCE(r.n, 0) AS replicas
     FROM unnest($1::uuid[]) AS s(id)
     LEFT JOIN (SELECT master_storage_id AS id, count(*)::int AS n FROM bucket WHERE state <> 'creating' GROUP BY 1) m USING (id)
     LEFT JOIN (SELECT storage_id AS id, count(*)::int AS n FROM replica GROUP BY 1) r USING (id)`,
    [ids],
  )
  return rows
}
