// The streams of Envoys, as all processes know them: which are open, which took another one's place, and how long one counts whose
// Envoy is gone.
import { v7 } from 'uuid'
import type { Sql, Tx } from '../core/pool.ts'
import { hurryWithdrawals } from '../queue/dirty-buckets.ts'
import { counts } from '../terms/agreed.ts'

export type StreamOpened = {
  readonly streamId: string
  readonly nodeId: string
  readonly envoyVersion: string | null
  /** Since when it is open, in milliseconds; it is stored later where its process is busy. Default: it was opened now. */
  readonly openMs?: number
  /** How the control plane that serves it is called. */
  readonly controlPlane?: string
}
/** Longer than a control plane takes to notice that an Envoy has left it for another one. */
const leavingSeconds = 20
/** A process that was not heard for so long was paused: its streams may have ended long ago. */
const pausedSeconds = 10

/**
 * SQL: an Envoy has one stream, so a later one of its node took the place of stream `s`, of which nothing counts once it is
 * closed. Which was opened later is told by when, not by which was stored first: their processes may be two. Streams that were
 * heard of side by side for longer than an Envoy takes to change are of two Envoys, which were given one name.
 */
const isReplaced = `EXISTS (SELECT 1 FROM proxy_stream later WHERE later.proxy_node_id = s.proxy_node_id
  AND later.connected_since > s.connected_since
  AND COALESCE(s.closed_at, s.heartbeat_at) - GREATEST(s.heard_since, later.connected_since)
    < make_interval(secs => ${leavingSeconds}))`

/** SQL: the lease of a stream that ends, of $2 seconds. */
const newLease = `now() + make_interval(secs => CASE WHEN ${isReplaced} THEN 0 ELSE $2 END)`

/** A new stream of a node ends the leases of those before it. */
export async function openStream(tx: Tx, processId: string, opened: StreamOpened): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `INSERT INTO proxy_node (id, node_id, version) VALUES ($1, $2, $3)
     ON CONFLICT (node_id) DO UPDATE SET version = excluded.version RETURNING id`,
    [v7(), opened.nodeId, opened.envoyVersion],
  )
  const id = rows[0]?.id
  if (id === undefined) throw new Error('a proxy node was not stored')
  await tx.query(
    `INSERT INTO proxy_stream (id, proxy_node_id, process_id, control_plane, connected_since, heard_since)
     SELECT $1, $2, $3, $4, since, since FROM (SELECT now() - make_interval(secs => $5) AS since) ON CONFLICT (id) DO NOTHING`,
    [opened.streamId, id, processId, opened.controlPlane ?? null, (opened.openMs ?? 0) / 1000],
  )
  const ended = `SELECT s.id FROM proxy_stream s WHERE s.proxy_node_id = $1 AND s.closed_at IS NOT NULL AND ${isReplaced}`
  await tx.query(`DELETE FROM proxy_exception WHERE stream_id IN (${ended})`, [id])
  await tx.query(`DELETE FROM proxy_stream WHERE id IN (${ended})`, [id])
  tx.changed('proxy', [id])
}

/** From now on it counts for `leaseSeconds`, or no more where its Envoy has opened its next one, which counts in its place. */
export async function closeStream(tx: Tx, streamId: string, leaseSeconds: number): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `UPDATE proxy_stream s SET closed_at = now(), heartbeat_at = now(), lease_until = ${newLease}
     WHERE s.id = $1 AND s.closed_at IS NULL RETURNING s.proxy_node_id AS id`,
    [streamId, leaseSeconds],
  )
  await waitForLatest(tx, rows, leaseSeconds)
  tellOf(tx, rows)
}

/**
 * Which of a node's streams is the latest is told by clocks, and one that is set back takes an old one for it. So the lease of that
 * one is whole when any of them has just ended: whichever was the Envoy's, it is waited for.
 */
async function waitForLatest(tx: Tx, nodes: readonly { readonly id: string }[], leaseSeconds: number): Promise<void> {
  const whole = 'now() + make_interval(secs => $2)'
  await tx.query(
    `UPDATE proxy_stream s SET heartbeat_at = now(), lease_until = ${whole}
     WHERE s.proxy_node_id = ANY($1::uuid[]) AND s.closed_at IS NOT NULL AND s.lease_until < ${whole} AND NOT ${isReplaced}`,
    [nodes.map(({ id }) => id), leaseSeconds],
  )
}

const sessionPrefix = 'fado '

/** What the database sessions of a process are called, by which others see that it is there. */
export const sessionName = (processId: string): string => `${sessionPrefix}${processId}`

/** Keeps the streams of this process open, also when another one has closed them for it. Returns those it has no row of. */
export async function keepStreams(sql: Sql, streamIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `UPDATE proxy_stream SET heartbeat_at = now(), closed_at = NULL, lease_until = NULL,
       heard_since = CASE WHEN heartbeat_at < now() - make_interval(secs => $2) OR closed_at IS NOT NULL THEN now()
         ELSE heard_since END
     WHERE id = ANY($1::uuid[]) RETURNING id`,
    [streamIds, pausedSeconds],
  )
  const kept = new Set(rows.map((row) => row.id))
  return streamIds.filter((id) => !kept.has(id))
}

/**
 * Closes the streams of processes that are gone: without a session at the database, or silent for `silentSeconds`, or for half
 * of that where the node has opened its next stream meanwhile. They ended when their process was last heard; their leases
 * begin now, for nobody took them over before.
 */
export async function closeOrphans(tx: Tx, silentSeconds: number, leaseSeconds: number): Promise<void> {
  const isSilentFor = (seconds: string) => `s.heartbeat_at < now() - make_interval(secs => ${seconds})`
  const { rows } = await tx.query<{ id: string }>(
    `UPDATE proxy_stream s SET closed_at = s.heartbeat_at, heartbeat_at = now(),
       lease_until = ${newLease}
     WHERE s.closed_at IS NULL AND (${isSilentFor('$1')} OR (${isSilentFor('$1 / 2.0')} AND ${isReplaced})
       OR NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.application_name = '${sessionPrefix}' || s.process_id))
     RETURNING s.proxy_node_id AS id`,
    [silentSeconds, leaseSeconds],
  )
  if (rows.length > 0) await waitForLatest(tx, rows, leaseSeconds)
  tellOf(tx, rows)
}

/**
 * A control plane is there, to which an Envoy that is gone could come back: its lease runs. When none was for more than
 * `gapSeconds`, that time is added: with 400 s of 600 left at the end of the last control plane, 400 s are left at the
 * start of the next one, however long that took and however often it happens.
 */
export async function runLeases(sql: Sql, gapSeconds: number): Promise<void> {
  await sql.query(
    `UPDATE proxy_stream SET heartbeat_at = GREATEST(heartbeat_at, now()), lease_until = lease_until + CASE
       WHEN now() - heartbeat_at > make_interval(secs => $1) THEN now() - heartbeat_at ELSE interval '0' END
     WHERE closed_at IS NOT NULL`,
    [gapSeconds],
  )
}

/** Forgets streams whose lease is over, and nodes without any. */
export async function forgetExpired(tx: Tx): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(`SELECT id FROM proxy_stream WHERE NOT (${counts})`)
  if (rows.length === 0) return
  await forgetStreams(
    tx,
    rows.map((row) => row.id),
  )
}

/** These count no more; what waited for them goes on. A node without any stream goes too. */
export async function forgetStreams(tx: Tx, streamIds: readonly string[]): Promise<void> {
  await tx.query('DELETE FROM proxy_exception WHERE stream_id = ANY($1::uuid[])', [streamIds])
  const { rows } = await tx.query<{ id: string }>(
    'DELETE FROM proxy_stream WHERE id = ANY($1::uuid[]) RETURNING proxy_node_id AS id',
    [streamIds],
  )
  await tx.query(
    'DELETE FROM proxy_node n WHERE NOT EXISTS (SELECT 1 FROM proxy_stream s WHERE s.proxy_node_id = n.id)',
  )
  tellOf(tx, rows)
  await hurryWithdrawals(tx)
}

const tellOf = (tx: Tx, nodes: readonly { readonly id: string }[]): void =>
  tx.changed(
    'proxy',
    nodes.map(({ id }) => id),
  )
