// Stores that report other creation dates for buckets that are the same: their dates prove nothing against a bucket.
import type { Sql } from '../core/pool.ts'

/** A bucket of another date was seen to hold what it held. */
export async function recordMovingDates(sql: Sql, storageId: string): Promise<void> {
  await sql.query('UPDATE storage_deployment SET dates_move = true WHERE id = $1 AND NOT dates_move', [storageId])
}

export async function hasMovingDates(sql: Sql, storageId: string): Promise<boolean> {
  const { rows } = await sql.query<{ move: boolean }>(
    'SELECT dates_move AS move FROM storage_deployment WHERE id = $1',
    [storageId],
  )
  return rows[0]?.move ?? false
}
