import type { Sql } from './pool.ts'

/** SQL: a time as milliseconds since 1970. */
export const ms = (time: string): string => `(extract(epoch FROM ${time}) * 1000)::float8`

/** PostgreSQL's clock, in milliseconds. */
export async function databaseNow(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ now: number }>(`SELECT ${ms('clock_timestamp()')} AS now`)
  return rows[0]?.now ?? 0
}
