import type { Sql } from '../../server/db/core/pool.ts'

/** Pages of FaDO's tables that this connection has touched so far; PostgreSQL forgets some between transactions. */
export async function pagesTouched(tx: Sql): Promise<number> {
  const { rows } = await tx.query<{ pages: number }>(
    `SELECT sum(pg_stat_get_xact_blocks_fetched(oid))::int AS pages FROM pg_class WHERE relnamespace = 'public'::regnamespace`,
  )
  return rows[0]?.pages ?? 0
}
