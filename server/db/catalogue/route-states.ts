// Whether the proxies know a bucket's route, as SQL for those who ask for routes or filter by them.
import type { Sql } from '../core/pool.ts'
import { countingExceptions, countingStreams, notAgreed } from '../terms/agreed.ts'
import { silentClusters } from '../terms/faas.ts'

/**
 * SERVING: every proxy that counts has ACKed just this route. PENDING: not yet, or no proxy is connected, or a user's
 * change is not decided yet. REJECTED: a proxy refused it. UNROUTABLE: no cluster can serve, or none whose functions answer.
 */
export type RouteState = 'SERVING' | 'PENDING' | 'REJECTED' | 'UNROUTABLE'

const excepted = 'EXISTS (SELECT 1 FROM exceptions e WHERE e.bucket_name = b.name)'

/** SQL: the state of the route `r` of the bucket `b`; needs the rows `facts(open, least, silent)` of `routeStateFacts`. */
export const routeStateExpression = `
  CASE WHEN EXISTS (SELECT 1 FROM dirty_bucket d WHERE d.bucket_id = b.id AND d.intent) THEN 'PENDING'
       WHEN b.state = 'deleting' THEN 'UNROUTABLE'
       WHEN r.table_id IS NULL OR NOT facts.open THEN 'PENDING'
       WHEN EXISTS (SELECT 1 FROM exceptions e WHERE e.bucket_name = b.name AND e.state = 'nacked') THEN 'REJECTED'
       WHEN ${notAgreed({ acked: 'facts.least', number: 'r.number', excepted })} THEN 'PENDING'
       WHEN t.clusters <@ facts.silent THEN 'UNROUTABLE'
       ELSE 'SERVING' END`

/** SQL: the common table expressions that `routeStateExpression` reads. */
export const routeStateFacts = `
  facts AS MATERIALIZED (SELECT COALESCE(bool_or(closed_at IS NULL), false) AS open, min(acked_through) AS least,
    ${silentClusters} AS silent FROM (${countingStreams}) s),
  exceptions AS MATERIALIZED (${countingExceptions})`

/** Whether a user's change waits for its decision. */
export async function isUndecided(sql: Sql, bucketId: string): Promise<boolean> {
  const { rowCount } = await sql.query('SELECT 1 FROM dirty_bucket WHERE bucket_id = $1 AND intent', [bucketId])
  return (rowCount ?? 0) > 0
}
