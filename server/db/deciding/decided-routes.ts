import { contentId } from '../../content-id.ts'
import { given } from '../core/given.ts'
import type { Sql } from '../core/pool.ts'
import type { Decided } from './decided.ts'
import { noteUse } from './last-use.ts'

/** Route numbers by bucket id, and the buckets of which only the override came or went. */
export type WrittenRoutes = { readonly numbers: ReadonlyMap<string, number>; readonly overridden: readonly string[] }

type Changed = {
  readonly state: Decided['state']
  readonly route: NonNullable<Decided['difference']['route']>
}
const columns = given<Changed>({
  bucket_id: ['uuid', ({ state }) => state.id],
  bucket_name: ['text', ({ state }) => state.name],
  table_id: ['text', ({ route: { table } }) => (table === null ? null : contentId(table))],
  overridden: ['boolean', ({ route }) => route.overridden],
})

/**
 * The tables of routes that change. Those that are there are left alone, but for the day of their last use: decisions that share one do
 * not wait for each other.
 */
export async function writeTables(sql: Sql, decided: readonly Decided[]): Promise<void> {
  const tables = new Map(
    decided.flatMap(({ difference: { route } }) => (route?.table ? [[contentId(route.table), route.table]] : [])),
  )
  if (tables.size === 0) return
  const rows = [...tables].map(([id, content]) => ({ id, content })).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  // The columns beside the content are for filters, and for processes of an earlier version.
  await sql.query(
    `WITH t AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (id text, content jsonb)),
       known AS (${noteUse('route_table', 'id IN (SELECT id FROM t)')})
     INSERT INTO route_table (id, content, clusters, lb_policy, timeout_ms)
     SELECT t.id, t.content, ARRAY(SELECT jsonb_array_elements_text(t.content->'clusters')), t.content->>'lbPolicy',
       (t.content->>'timeoutMs')::int
     FROM t ON CONFLICT (id) DO NOTHING`,
    [JSON.stringify(rows)],
  )
}

/** Routes with the next numbers, in this order. Holds the lock of numbers until commit, so they commit in order. */
async function writeNumbered(sql: Sql, changed: readonly Changed[]): Promise<ReadonlyMap<string, number>> {
  if (changed.length === 0) return new Map()
  const { rows } = await sql.query<{ id: string; number: number }>(
    `WITH taken AS (UPDATE fleet SET route_number = route_number + $1 RETURNING route_number - $1 AS before)
     INSERT INTO route (bucket_id, bucket_name, number, table_id, overridden)
     SELECT d.bucket_id, d.bucket_name, taken.before + d.place, d.table_id, d.overridden
     FROM taken CROSS JOIN ${columns.placedRows('d', 2)}
     ON CONFLICT (bucket_id) DO UPDATE SET number = excluded.number, table_id = excluded.table_id,
       overridden = excluded.overridden, decided_at = now()
     RETURNING bucket_id AS id, number`,
    [changed.length, ...columns.values(changed)],
  )
  if (rows.length < changed.length) throw new Error('the table fleet has no row')
  return new Map(rows.map(({ id, number }) => [id, number]))
}

export async function writeRoutes(sql: Sql, decided: readonly Decided[]): Promise<WrittenRoutes> {
  const only = decided.filter(({ difference }) => difference.override !== null)
  if (only.length > 0)
    await sql.query(
      `UPDATE route r SET overridden = d.overridden FROM unnest($1::uuid[], $2::boolean[]) AS d (id, overridden)
       WHERE r.bucket_id = d.id`,
      [only.map((one) => one.state.id), only.map((one) => one.difference.override)],
    )
  const changed = decided.flatMap(({ state, difference: { route } }) => (route === null ? [] : [{ state, route }]))
  return { numbers: await writeNumbered(sql, changed), overridden: only.map((one) => one.state.id) }
}
