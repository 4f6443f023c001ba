// What each Envoy has ACKed, for every process that asks whether a route is in force.
import { v7 } from 'uuid'
import { writeEvents } from '../core/events.ts'
import type { Sql } from '../core/pool.ts'

export type RouteException = {
  readonly bucket: string
  readonly number: number
  readonly state: 'behind' | 'nacked'
  readonly error?: string
}
export type StreamOpened = { readonly streamId: string; readonly nodeId: string; readonly envoyVersion: string | null }
export type StreamProgress = {
  readonly streamId: string
  readonly ackedThrough: number
  readonly exceptions: readonly RouteException[]
}

/** A new stream of a node ends the leases of its closed ones. */
export async function openStream(sql: Sql, processId: string, opened: StreamOpened): Promise<void> {
  const { rows } = await sql.query<{ id: string }>(
    `INSERT INTO proxy_node (id, node_id, version) VALUES ($1, $2, $3)
     ON CONFLICT (node_id) DO UPDATE SET version = excluded.version RETURNING id`,
    [v7(), opened.nodeId, opened.envoyVersion],
  )
  const id = rows[0]?.id
  if (id === undefined) throw new Error('a proxy node was not stored')
  await sql.query(
    `DELETE FROM proxy_exception WHERE stream_id IN
       (SELECT s.id FROM proxy_stream s WHERE s.proxy_node_id = $1 AND s.closed_at IS NOT NULL)`,
    [id],
  )
  await sql.query('DELETE FROM proxy_stream WHERE proxy_node_id = $1 AND closed_at IS NOT NULL', [id])
  await sql.query(
    'INSERT INTO proxy_stream (id, proxy_node_id, process_id) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING',
    [opened.streamId, id, processId],
  )
  await writeEvents(sql, 'proxy', [id])
}

/** From now on it counts for `leaseSeconds`. */
export async function closeStream(sql: Sql, streamId: string, leaseSeconds: number): Promise<void> {
  const { rows } = await sql.query<{ id: string }>(
    `UPDATE proxy_stream SET closed_at = now(), lease_until = now() + make_interval(secs => $2)
     WHERE id = $1 AND closed_at IS NULL RETURNING proxy_node_id AS id`,
    [streamId, leaseSeconds],
  )
  await writeEvents(
    sql,
    'proxy',
    rows.map((row) => row.id),
  )
}

/**
 * Writes what a stream has ACKed, tells subscriptions of the routes that are in force there now, and marks the buckets
 * whose copies wait for it. Returns whether any bucket was marked.
 */
export async function writeProgress(sql: Sql, progress: StreamProgress): Promise<boolean> {
  const { streamId, ackedThrough } = progress
  const before = await sql.query<{ acked: number; node: string }>(
    'SELECT acked_through AS acked, proxy_node_id AS node FROM proxy_stream WHERE id = $1 FOR UPDATE',
    [streamId],
  )
  const row = before.rows[0]
  if (row === undefined) return false
  await sql.query('UPDATE proxy_stream SET acked_through = $2 WHERE id = $1', [streamId, ackedThrough])
  const touched = await writeExceptions(sql, row.node, progress)
  await sql.query(
    `INSERT INTO event (topic, subject)
     SELECT 'route', bucket_id::text FROM route WHERE number > $1 AND number <= $2`,
    [row.acked, ackedThrough],
  )
  if (touched.length > 0)
    await sql.query(
      `INSERT INTO event (topic, subject)
       SELECT 'route', id::text FROM bucket WHERE name = ANY($1::text[])`,
      [touched],
    )
  const { rowCount } = await sql.query(
    `UPDATE dirty_bucket d SET not_before = now() WHERE not_before > now() AND (
       EXISTS (SELECT 1 FROM replica r WHERE r.bucket_id = d.bucket_id AND NOT r.wanted AND r.withdrawn_at IS NULL)
       OR EXISTS (SELECT 1 FROM bucket b WHERE b.id = d.bucket_id AND b.state = 'deleting'))`,
  )
  return (rowCount ?? 0) > 0
}

const sameException = (a: RouteException, b: RouteException) =>
  a.number === b.number && a.state === b.state && (a.error ?? null) === (b.error ?? null)

/** Writes the difference to what stands there. Returns the buckets in it. */
async function writeExceptions(sql: Sql, nodeId: string, { streamId, exceptions }: StreamProgress): Promise<string[]> {
  const stored = await sql.query<RouteException>(
    'SELECT bucket_name AS bucket, number, state, error FROM proxy_exception WHERE stream_id = $1',
    [streamId],
  )
  const before = new Map(stored.rows.map((one) => [one.bucket, one]))
  const after = new Map(exceptions.map((one) => [one.bucket, one]))
  const gone = [...before.keys()].filter((bucket) => !after.has(bucket))
  const changed = exceptions.filter((one) => {
    const old = before.get(one.bucket)
    return old === undefined || !sameException(old, one)
  })
  if (gone.length > 0)
    await sql.query('DELETE FROM proxy_exception WHERE stream_id = $1 AND bucket_name = ANY($2::text[])', [
      streamId,
      gone,
    ])
  if (changed.length > 0)
    await sql.query(
      `INSERT INTO proxy_exception (proxy_node_id, stream_id, bucket_name, number, state, error)
       SELECT $1, $2, e.bucket, e.number, e.state, e.error
       FROM jsonb_to_recordset($3::jsonb) AS e (bucket text, number bigint, state text, error text)
       ON CONFLICT (stream_id, bucket_name) DO UPDATE SET number = excluded.number, state = excluded.state,
         error = excluded.error`,
      [nodeId, streamId, JSON.stringify(changed)],
    )
  return [...gone, ...changed.map((one) => one.bucket)]
}

/** What the database sessions of a process are called, by which others see that it is there. */
export const sessionName = (processId: string): string => `fado ${processId}`

/** Keeps the streams of this process open, also when another one has closed them for it. Returns those it has no row of. */
export async function keepStreams(sql: Sql, streamIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `UPDATE proxy_stream SET heartbeat_at = now(), closed_at = NULL, lease_until = NULL
     WHERE id = ANY($1::uuid[]) RETURNING id`,
    [streamIds],
  )
  const kept = new Set(rows.map((row) => row.id))
  return streamIds.filter((id) => !kept.has(id))
}

/**
 * Closes the streams of processes that are gone: without a session at the database, or silent for `silentSeconds`. Where
 * the node has opened its next stream meanwhile nothing of the old one counts any more.
 */
export async function closeOrphans(sql: Sql, silentSeconds: number, leaseSeconds: number): Promise<void> {
  const orphans = await sql.query<{ id: string; replaced: boolean }>(
    `SELECT s.id, EXISTS (SELECT 1 FROM proxy_stream later WHERE later.proxy_node_id = s.proxy_node_id
                            AND later.id <> s.id AND later.connected_since > s.heartbeat_at) AS replaced
     FROM proxy_stream s WHERE s.closed_at IS NULL AND (s.heartbeat_at < now() - make_interval(secs => $1)
       OR NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.application_name = 'fado ' || s.process_id))`,
    [silentSeconds],
  )
  for (const { id, replaced } of orphans.rows) await closeStream(sql, id, replaced ? 0 : leaseSeconds)
}

/**
 * In a database that took another one's place: its numbers will be given again, for other routes than those that were
 * acknowledged under them. Until they say so again no proxy has agreed to anything.
 */
export async function forgetAcknowledged(sql: Sql): Promise<void> {
  await sql.query('UPDATE proxy_stream SET acked_through = 0 WHERE acked_through > 0')
}

/**
 * At the start of a process: an Envoy may have served by what it had ACKed all the time that nobody was here, so the
 * leases of all that are known begin anew.
 */
export async function renewLeases(sql: Sql, leaseSeconds: number): Promise<void> {
  await sql.query(
    `UPDATE proxy_stream SET lease_until = GREATEST(lease_until, now() + make_interval(secs => $1))
     WHERE closed_at IS NOT NULL`,
    [leaseSeconds],
  )
}

/** Forgets streams whose lease is over, and nodes without any. Returns whether one went. */
export async function forgetExpired(sql: Sql): Promise<boolean> {
  await sql.query(
    `DELETE FROM proxy_exception WHERE stream_id IN
       (SELECT s.id FROM proxy_stream s WHERE s.closed_at IS NOT NULL AND s.lease_until <= now())`,
  )
  const { rowCount } = await sql.query('DELETE FROM proxy_stream WHERE closed_at IS NOT NULL AND lease_until <= now()')
  if ((rowCount ?? 0) === 0) return false
  const nodes = await sql.query<{ id: string }>(
    `DELETE FROM proxy_node n WHERE NOT EXISTS (SELECT 1 FROM proxy_stream s WHERE s.proxy_node_id = n.id)
     RETURNING n.id`,
  )
  await writeEvents(
    sql,
    'proxy',
    nodes.rows.map((row) => row.id),
  )
  return true
}
