// What the proxies that count have agreed to.
import type { Sql } from '../core/pool.ts'
import { countingExceptions, countingStreams } from '../terms/agreed.ts'

/**
 * Per bucket name the highest route number that every proxy that counts has ACKed; null when none counts. A bucket's
 * exception lowers its own: at a proxy that has ACKed through 90, with an exception for number 85, an older route than 85 is
 * still in force.
 */
export async function ackedThrough(sql: Sql, bucketNames: readonly string[]): Promise<(name: string) => number | null> {
  const streams = await sql.query<{ least: number | null }>(
    `SELECT min(acked_through)::float8 AS least FROM (${countingStreams}) s`,
  )
  const least = streams.rows[0]?.least ?? null
  if (least === null) return () => null
  const exceptions = await sql.query<{ name: string; number: number }>(
    `SELECT e.bucket_name AS name, min(e.number)::float8 AS number FROM (${countingExceptions}) e
     WHERE e.bucket_name = ANY($1::text[]) GROUP BY e.bucket_name`,
    [bucketNames],
  )
  const behind = new Map(exceptions.rows.map((row) => [row.name, row.number]))
  return (name) => Math.min(least, (behind.get(name) ?? Number.POSITIVE_INFINITY) - 1)
}
