// What users see of the Envoys: their connections, and how far each has come.
import type { Sql, Tx } from '../core/pool.ts'
import { forgetStreams } from '../proxies/proxy-streams.ts'
import { countingExceptions, countingStreams, notAgreed } from '../terms/agreed.ts'

export type ProxyRecord = {
  readonly id: string
  readonly nodeId: string
  readonly version: string | null
  /** Of its oldest open stream; null while none is open. */
  readonly connectedSince: Date | null
  /** What serves that stream: a machine's name and a port; null where it is not known, too. */
  readonly controlPlane: string | null
  /** The end of its last stream, and until when it counts for all that; null while one is open. */
  readonly goneSince: Date | null
  readonly countsUntil: Date | null
}

async function select(sql: Sql, rest: string, values: unknown[]): Promise<ProxyRecord[]> {
  const { rows } = await sql.query<ProxyRecord>(
    `SELECT n.id, n.node_id AS "nodeId", n.version, s."connectedSince", s."controlPlane",
       CASE WHEN s."connectedSince" IS NULL THEN s."goneSince" END AS "goneSince",
       CASE WHEN s."connectedSince" IS NULL THEN s."countsUntil" END AS "countsUntil"
     FROM proxy_node n CROSS JOIN LATERAL (
       SELECT min(connected_since) FILTER (WHERE closed_at IS NULL) AS "connectedSince",
         (array_agg(control_plane ORDER BY connected_since) FILTER (WHERE closed_at IS NULL))[1] AS "controlPlane", max(closed_at) AS "goneSince",
         max(lease_until) AS "countsUntil" FROM proxy_stream WHERE proxy_node_id = n.id) s ${rest}`,
    values,
  )
  return rows
}

export const listProxies = (sql: Sql): Promise<ProxyRecord[]> => select(sql, 'ORDER BY n.node_id', [])

export const proxiesByIds = (sql: Sql, ids: readonly string[]): Promise<ProxyRecord[]> =>
  select(sql, 'WHERE n.id = ANY($1::uuid[])', [ids])

/** All streams of a proxy, locked; none when it is not known. */
export async function lockProxy(
  sql: Sql,
  id: string,
): Promise<
  { readonly nodeId: string; readonly streams: readonly { readonly id: string; readonly open: boolean }[] } | undefined
> {
  const node = await sql.query<{ nodeId: string }>(
    'SELECT node_id AS "nodeId" FROM proxy_node WHERE id = $1::uuid FOR UPDATE',
    [id],
  )
  const nodeId = node.rows[0]?.nodeId
  if (nodeId === undefined) return undefined
  const streams = await sql.query<{ id: string; open: boolean }>(
    'SELECT id, closed_at IS NULL AS open FROM proxy_stream WHERE proxy_node_id = $1::uuid FOR UPDATE',
    [id],
  )
  return { nodeId, streams: streams.rows }
}

/** It counts no more. */
export const forgetProxy = (tx: Tx, { streams }: { readonly streams: readonly { readonly id: string }[] }) =>
  forgetStreams(
    tx,
    streams.map((stream) => stream.id),
  )

/** A bucket's route at one proxy. */
export type ProxyRoute = {
  readonly proxyId: string
  readonly bucket: string
  readonly number: number
  readonly state: 'ACKED' | 'PENDING' | 'NACKED'
  readonly error: string | null
}

const waits = notAgreed({ acked: 'node.acked', number: 'r.number', excepted: 'e.state IS NOT NULL' })

/** First what was refused, then what waits, then what is in force, the latest first; at most `limit` for each proxy. */
export async function routesOfProxies(sql: Sql, ids: readonly string[], limit: number): Promise<ProxyRoute[]> {
  const { rows } = await sql.query<ProxyRoute>(
    `WITH node AS (
       SELECT n.id, COALESCE(min(s.acked_through), 0) AS acked FROM proxy_node n
       LEFT JOIN (${countingStreams}) s ON s.proxy_node_id = n.id WHERE n.id = ANY($1::uuid[]) GROUP BY n.id),
     excepted AS (
       SELECT DISTINCT ON (proxy_node_id, bucket_name) proxy_node_id, bucket_name, state, error FROM (${countingExceptions}) x
       WHERE proxy_node_id = ANY($1::uuid[]) ORDER BY proxy_node_id, bucket_name, state DESC),
     seen AS (
       SELECT node.id AS "proxyId", r.bucket_name AS bucket, r.number, e.error,
         CASE WHEN e.state = 'nacked' THEN 'NACKED' WHEN ${waits} THEN 'PENDING' ELSE 'ACKED' END AS state
       FROM node CROSS JOIN route r
       LEFT JOIN excepted e ON e.proxy_node_id = node.id AND e.bucket_name = r.bucket_name
       WHERE r.table_id IS NOT NULL OR ${waits}),
     ranked AS (
       SELECT *, row_number() OVER (PARTITION BY "proxyId" ORDER BY state = 'NACKED' DESC, state DESC, number DESC) AS rank FROM (
         SELECT "proxyId", bucket, number, error, state FROM seen) s)
     SELECT "proxyId", bucket, number, error, state FROM ranked WHERE rank <= $2 ORDER BY "proxyId", rank`,
    [ids, limit],
  )
  return rows
}
