// What changed, for subscriptions in any process.
import type { EventTopic } from './news.ts'
import type { Sql } from './pool.ts'

export type StoredEvent = {
  readonly number: number
  readonly xid: number
  readonly topic: EventTopic
  readonly subject: string
}
export type Cursor = { readonly xid: number; readonly number: number }

/**
 * No transaction below it can still write an event. Snapshots hold what runs in all databases of the server: what is known
 * to run in another one (or is prepared, which ours never are) does not count, or its long transactions would hold up our
 * subscriptions. https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT
 */
const horizon = `(SELECT COALESCE(min(x::text::bigint), pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
  FROM pg_snapshot_xip(pg_current_snapshot()) AS x WHERE NOT EXISTS (
    SELECT 1 FROM pg_locks l LEFT JOIN LATERAL pg_stat_get_activity(l.pid) a ON l.pid IS NOT NULL
    WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.transactionid = x::xid
      AND (l.pid IS NULL OR a.datid <> (SELECT oid FROM pg_database WHERE datname = current_database()))))`

/** `held`: more are there, behind a transaction that is under way. */
export type EventPage = { readonly events: readonly StoredEvent[]; readonly held: boolean }

/**
 * Events after the cursor, in the order (xid, number). Only those of transactions older than any that may still write one
 * are seen, so none can appear later before the cursor. The horizon is looked for only where the snapshot's xmin, which
 * costs nothing, does not do.
 */
export async function readEvents(sql: Sql, after: Cursor, limit: number): Promise<EventPage> {
  const { rows } = await sql.query<StoredEvent & { settled: boolean }>(
    `SELECT number, xid, topic, subject,
       xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint OR xid < ${horizon} AS settled
     FROM event WHERE (xid, number) > ($1, $2) ORDER BY xid, number LIMIT $3`,
    [after.xid, after.number, limit],
    'read-events',
  )
  const events = rows.filter(({ settled }) => settled)
  return { events, held: events.length < rows.length }
}

/** The place from which everything that happens later is read. */
export async function presentCursor(sql: Sql): Promise<Cursor> {
  const { rows } = await sql.query<{ xid: number }>(`SELECT ${horizon} AS xid`)
  return { xid: (rows[0]?.xid ?? 1) - 1, number: Number.MAX_SAFE_INTEGER }
}

/** Deletes what no subscription can ask for any more. */
export async function forgetEvents(sql: Sql, olderThanSeconds: number): Promise<void> {
  await sql.query('DELETE FROM event WHERE at < now() - make_interval(secs => $1)', [olderThanSeconds])
}
