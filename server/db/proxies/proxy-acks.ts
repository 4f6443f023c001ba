// What the proxies agree to. A stream counts while it is open, and after its end until its lease is over.
import type { Sql } from '../core/pool.ts'

/**
 * SQL: whether a stream counts. A lease runs only while a control plane is there (`runLeases`): against its last
 * heartbeat, for `now()` would end all leases in an outage, before an Envoy had a chance to come back.
 */
export const counts = 'closed_at IS NULL OR lease_until > heartbeat_at'

/** SQL: the streams that count. */
export const countingStreams = `SELECT * FROM proxy_stream WHERE ${counts}`

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
    `SELECT e.bucket_name AS name, min(e.number)::float8 AS number FROM proxy_exception e
     JOIN (${countingStreams}) s ON s.id = e.stream_id WHERE e.bucket_name = ANY($1::text[]) GROUP BY e.bucket_name`,
    [bucketNames],
  )
  const behind = new Map(exceptions.rows.map((row) => [row.name, row.number]))
  return (name) => Math.min(least, (behind.get(name) ?? Number.POSITIVE_INFINITY) - 1)
}
