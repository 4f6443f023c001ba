// What calls were, by process and window. Each control plane hears of the calls of some Envoys; together they know all.
import { v7 } from 'uuid'
import type { CallRow } from '../../domain/calls/tally.ts'
import type { Sql } from '../core/pool.ts'

/** How long a window is kept. Nobody asks for more than the last minute. */
const keptSeconds = 120

/**
 * As JSON: bucket, deployment, function, calls, errors (of functions, platforms, FaDO), retries, bins with their calls in turns,
 * errors of keys and of callers, and those that were given up. The last three an older FaDO does not write.
 */
type Stored = readonly [
  ...(readonly [string | null, string | null, string | null]),
  ...(readonly [number, number, number, number, number]),
  number[],
  number?,
  number?,
  number?,
]

const stored = ({ bucket, deployment, function: name, calls, errors, retries, durations }: CallRow): Stored => [
  ...([bucket, deployment, name, calls, errors.function, errors.platform, errors.fado, retries] as const),
  [...durations].flat(),
  ...([errors.key, errors.caller, errors.gone] as const),
]

function read([bucket, deployment, name, calls, ofFunction, platform, fado, retries, bins, ...rest]: Stored): CallRow {
  const durations = new Map<number, number>()
  for (let i = 0; i + 1 < bins.length; i += 2) durations.set(bins[i] ?? 0, bins[i + 1] ?? 0)
  const [key = 0, caller = 0, gone = 0] = rest
  const errors = { function: ofFunction, platform, key, fado, caller, gone }
  return { bucket, deployment, function: name, calls, errors, retries, durations }
}

/** The window that ends now. */
export async function writeCallWindow(sql: Sql, rows: readonly CallRow[]): Promise<void> {
  await sql.query(
    `WITH gone AS (DELETE FROM call_window WHERE ended_at < now() - make_interval(secs => $3))
     INSERT INTO call_window (id, rows) VALUES ($1, $2::json)`,
    [v7(), JSON.stringify(rows.map(stored)), keptSeconds],
  )
}

export type CallWindow = { readonly id: string; readonly endedAt: Date; readonly rows: readonly CallRow[] }

/** By PostgreSQL's clock: `now`, and the windows that ended within so many seconds before it, but those that are `known`. */
export async function readCallWindows(
  sql: Sql,
  seconds: number,
  known: readonly string[],
): Promise<{ readonly now: Date; readonly windows: readonly CallWindow[] }> {
  type Row = { now: Date; id: string | null; endedAt: Date; rows: readonly Stored[] }
  const { rows } = await sql.query<Row>(
    `SELECT now() AS now, w.id, w.ended_at AS "endedAt", w.rows FROM (SELECT) AS one
     LEFT JOIN call_window w ON w.ended_at > now() - make_interval(secs => $1) AND w.id <> ALL($2::uuid[])`,
    [seconds, known],
  )
  const windows = rows.flatMap(({ id, endedAt, rows: of }) =>
    id === null ? [] : [{ id, endedAt, rows: of.map(read) }],
  )
  return { now: rows[0]?.now ?? new Date(), windows }
}
