// For whom a bucket's route waits: the proxies that count and have not agreed to it.
import type { Sql } from '../core/pool.ts'
import { countingStreams, notAgreed } from '../terms/agreed.ts'

export type WaitRecord = {
  readonly bucketId: string
  readonly proxyId: string
  readonly nodeId: string
  /** When its last stream ended, and how long it counts for all that; both null while it is connected. */
  readonly goneSince: Date | null
  readonly countsUntil: Date | null
  /** It refused the route, in its own words. */
  readonly error: string | null
  readonly refused: boolean
}

/** By the name of the proxy; one that has several streams is told by one that is open, where there is one. */
export async function waitsOfBuckets(sql: Sql, bucketIds: readonly string[]): Promise<WaitRecord[]> {
  const { rows } = await sql.query<WaitRecord>(
    `SELECT DISTINCT ON (b.id, n.node_id) b.id AS "bucketId", n.id AS "proxyId", n.node_id AS "nodeId",
       s.closed_at AS "goneSince", s.lease_until AS "countsUntil", e.error, COALESCE(e.state = 'nacked', false) AS refused
     FROM bucket b JOIN route r ON r.bucket_id = b.id CROSS JOIN (${countingStreams}) s
     JOIN proxy_node n ON n.id = s.proxy_node_id
     LEFT JOIN proxy_exception e ON e.stream_id = s.id AND e.bucket_name = b.name
     WHERE b.id = ANY($1::uuid[])
       AND ${notAgreed({ acked: 's.acked_through', number: 'r.number', excepted: 'e.state IS NOT NULL' })}
     ORDER BY b.id, n.node_id, s.closed_at IS NOT NULL, s.closed_at DESC`,
    [bucketIds],
  )
  return rows
}
