// What the proxies that count have agreed to.
import type { Sql } from '../core/pool.ts'
import { countingExceptions, countingStreams } from '../terms/agreed.ts'

/**
 * Per bucket name the highest route number that every proxy that counts has ACKed; null when none counts. A bucket's
 * exception lowers its own: at a proxy that has ACKed through 90, with an exception for number 85, an older route than 85 is
 * still in force.
 */
export async function ackedThrough(sql: Sql, bucketNames: readonly string[]): Promise<(name: string) => number | null> {
  const { rows } = await sql.query<{ least: number | null; behind: Readonly<Record<string, number>> | null }>(
    `SELECT (SELECT min(acked_through) FROM (${countingStreams}) s) AS least,
       (SELECT json_object_agg(b.name, b.number) FROM (
          SELECT e.bucket_name AS name, min(e.number) AS number FROM (${countingExceptions}) e
          WHERE e.bucket_name = ANY($1::text[]) GROUP BY e.bucket_name) b) AS behind`,
    [bucketNames],
  )
  const least = rows[0]?.least ?? null
  if (least === null) return () => null
  const behind = new Map(Object.entries(rows[0]?.behind ?? {}))
  return (name) => Math.min(least, (behind.get(name) ?? Number.POSITIVE_INFINITY) - 1)
}
