import {
  type BucketRoute,
  parseTable,
  type RouteTable,
  type RouteTableContent,
} from '../../domain/route/routing-table.ts'
import type { Sql } from '../core/pool.ts'
import { tableContent } from './table-content.ts'

/** Routes decided after `number`, in the order of their numbers. */
export async function routesAfter(sql: Sql, number: number, limit: number): Promise<BucketRoute[]> {
  const { rows } = await sql.query<{ bucket: string; number: number; content: RouteTableContent | null }>(
    `SELECT r.bucket_name AS bucket, r.number, ${tableContent('t')} AS content FROM route r
     LEFT JOIN route_table t ON t.id = r.table_id WHERE r.number > $1 ORDER BY r.number LIMIT $2`,
    [number, limit],
  )
  return rows.map(({ content, ...row }) => ({ ...row, table: content === null ? null : parseTable(content) }))
}

/** Tables that an Envoy may still route by though no bucket's route names them: those of the last days (their last use is noted once a day). */
export async function recentTables(sql: Sql): Promise<RouteTable[]> {
  const { rows } = await sql.query<{ content: RouteTableContent }>(
    `SELECT ${tableContent('t')} AS content FROM route_table t WHERE t.last_needed_at > now() - interval '2 days'`,
  )
  return rows.flatMap(({ content }) => parseTable(content) ?? [])
}
