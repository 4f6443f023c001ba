// What each Envoy has ACKed, for every process that asks whether a route is in force.
import type { RouteException } from '../../domain/route/exception.ts'
import type { Sql, Tx } from '../core/pool.ts'
import { hurryWithdrawals } from '../queue/dirty-buckets.ts'

export type StreamProgress = {
  readonly streamId: string
  readonly ackedThrough: number
  readonly exceptions: readonly RouteException[]
}

/**
 * Routes that are told one by one. Of more at once, as when an Envoy comes back and has all of them, its proxy is told: who follows
 * any route hears of that (services/events/change-feed.ts).
 */
const mostTold = 2_000

/**
 * Writes what a stream has ACKed, tells subscriptions of the routes that are in force there now, and has the buckets
 * decided again whose copies wait for it.
 */
export async function writeProgress(tx: Tx, progress: StreamProgress): Promise<void> {
  const { streamId, ackedThrough } = progress
  const before = await tx.query<{ acked: number; node: string }>(
    `UPDATE proxy_stream s SET acked_through = $2
     FROM (SELECT id, acked_through FROM proxy_stream WHERE id = $1 FOR UPDATE) o WHERE s.id = o.id
     RETURNING o.acked_through AS acked, s.proxy_node_id AS node`,
    [streamId, ackedThrough],
  )
  const row = before.rows[0]
  if (row === undefined) return
  const touched = await writeExceptions(tx, row.node, progress)
  const { rows } = await tx.query<{ id: string }>(
    `(SELECT bucket_id AS id FROM route WHERE number > $1 AND number <= $2 LIMIT $4)
     UNION SELECT id FROM bucket WHERE name = ANY($3::text[])`,
    [row.acked, ackedThrough, touched, mostTold + 1],
  )
  if (rows.length > mostTold) tx.changed('proxy', [row.node])
  else
    tx.changed(
      'route',
      rows.map(({ id }) => id),
    )
  await hurryWithdrawals(tx)
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

/**
 * In a database that took another one's place: its numbers will be given again, for other routes than those that were
 * acknowledged under them. Until they say so again no proxy has agreed to anything.
 */
export async function forgetAcknowledged(sql: Sql): Promise<void> {
  await sql.query('UPDATE proxy_stream SET acked_through = 0 WHERE acked_through > 0')
}
