import { contentId } from '../../content-id.ts'
import type { RouteTable } from '../../domain/route/routing-table.ts'
import type { Sql } from '../core/pool.ts'
import type { Decided } from './decided.ts'

/** Route numbers by bucket id, and the buckets of which only the override came or went. */
export type WrittenRoutes = { readonly numbers: ReadonlyMap<string, number>; readonly overridden: readonly string[] }

/** The last of `count` numbers. Holds a lock until commit, so numbers commit in order. */
async function takeNumbers(sql: Sql, count: number): Promise<number> {
  const { rows } = await sql.query<{ last: number }>(
    'UPDATE fleet SET route_number = route_number + $1 RETURNING route_number AS last',
    [count],
  )
  const last = rows[0]?.last
  if (last === undefined) throw new Error('the table fleet has no row')
  return last
}

async function writeTables(sql: Sql, tables: ReadonlyMap<string, RouteTable>): Promise<void> {
  if (tables.size === 0) return
  const rows = [...tables].map(([id, content]) => ({ id, content })).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  // The columns beside the content are for filters, and for processes of an earlier version.
  await sql.query(
    `INSERT INTO route_table (id, content, clusters, lb_policy, timeout_ms)
     SELECT t.id, t.content, ARRAY(SELECT jsonb_array_elements_text(t.content->'clusters')), t.content->>'lbPolicy',
       (t.content->>'timeoutMs')::int
     FROM jsonb_to_recordset($1::jsonb) AS t (id text, content jsonb)
     ON CONFLICT (id) DO UPDATE SET last_needed_at = now()`,
    [JSON.stringify(rows)],
  )
}

export async function writeRoutes(sql: Sql, decided: readonly Decided[]): Promise<WrittenRoutes> {
  const changed = decided.flatMap(({ state, difference: { route } }) => (route === null ? [] : [{ state, route }]))
  const numbers = new Map<string, number>()
  if (changed.length > 0) {
    const tables = new Map<string, RouteTable>()
    const ids = changed.map(({ route }) => {
      if (route.table === null) return null
      const id = contentId(route.table)
      tables.set(id, route.table)
      return id
    })
    await writeTables(sql, tables)
    const last = await takeNumbers(sql, changed.length)
    for (const [i, one] of changed.entries()) numbers.set(one.state.id, last - changed.length + 1 + i)
    await sql.query(
      `INSERT INTO route (bucket_id, bucket_name, number, table_id, overridden)
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::boolean[])
       ON CONFLICT (bucket_id) DO UPDATE SET number = excluded.number, table_id = excluded.table_id,
         overridden = excluded.overridden, decided_at = now()`,
      [
        changed.map((one) => one.state.id),
        changed.map((one) => one.state.name),
        [...numbers.values()],
        ids,
        changed.map((one) => one.route.overridden),
      ],
    )
  }
  const only = decided.filter(({ difference }) => difference.override !== null)
  if (only.length > 0)
    await sql.query(
      `UPDATE route r SET overridden = d.overridden FROM unnest($1::uuid[], $2::boolean[]) AS d (id, overridden)
       WHERE r.bucket_id = d.id`,
      [only.map((one) => one.state.id), only.map((one) => one.difference.override)],
    )
  return { numbers, overridden: only.map((one) => one.state.id) }
}
