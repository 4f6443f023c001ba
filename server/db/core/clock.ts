import type { Sql } from './pool.ts'

/** PostgreSQL's clock, in milliseconds. */
export async function databaseNow(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ now: number }>(
    `SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now`,
  )
  return rows[0]?.now ?? 0
}
