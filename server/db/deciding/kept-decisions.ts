// What was decided of buckets' calls, and when and why: so that x-fado-decision can be asked about for days.
import { contentId, textId } from '../../content-id.ts'
import { given } from '../core/given.ts'
import type { Sql } from '../core/pool.ts'
import type { Decided } from './decided.ts'

/** So long a decision is kept after its end, and what a route table said after its last use. */
export const keptDays = 30

type News = Omit<Decided['kept'], 'content'> & {
  readonly state: Decided['state']
  readonly number: number
  readonly tableId: string | null
  readonly reasonsId: string
  readonly content: string
}

const columns = given<News>({
  bucket_id: ['uuid', ({ state }) => state.id],
  bucket_name: ['text', ({ state }) => state.name],
  number: ['bigint', ({ number }) => number],
  table_id: ['text', ({ tableId }) => tableId],
  reasons_id: ['text', ({ reasonsId }) => reasonsId],
  bucket_version: ['int', ({ versions }) => versions.bucket],
  policies_version: ['int', ({ versions }) => versions.policies],
})

/** `numbers`: of the routes that changed. A decision is kept where its route changed, or what it says of the clusters, or whose its policies are. */
export async function keepDecisions(
  sql: Sql,
  decided: readonly Decided[],
  numbers: ReadonlyMap<string, number>,
): Promise<void> {
  const news = decided.flatMap((one) => newsOf(one, numbers.get(one.state.id)) ?? [])
  if (news.length === 0) return
  const reasons = new Map(news.map(({ reasonsId, content }) => [reasonsId, content]))
  await sql.query(
    `INSERT INTO decision_reasons (id, content)
     SELECT r.id, r.content::jsonb FROM unnest($1::text[], $2::text[]) AS r (id, content) ORDER BY r.id
     ON CONFLICT (id) DO UPDATE SET last_needed_at = now()`,
    [[...reasons.keys()], [...reasons.values()]],
  )
  await endDecisions(
    sql,
    news.filter(({ last }) => last !== null).map(({ state }) => state.name),
  )
  await sql.query(
    `INSERT INTO decision (bucket_id, bucket_name, number, table_id, reasons_id, bucket_version, policies_version)
     SELECT * FROM ${columns.rows('d', 1)}`,
    columns.values(news),
  )
}

/** `changed`: the number of its route, where that changed. undefined: what is kept already says the same. */
function newsOf({ state, difference, kept }: Decided, changed: number | undefined): News | undefined {
  const number = changed ?? state.route?.number
  const content = JSON.stringify(kept.content)
  const reasonsId = textId(content)
  // Before its first route nothing is called.
  if (number === undefined || (changed === undefined && reasonsId === kept.last)) return undefined
  const { table } = difference.route ?? state.route ?? { table: null }
  return { ...kept, state, number, tableId: table === null ? null : contentId(table), reasonsId, content }
}

/** Those of these buckets that hold do not any more. */
export async function endDecisions(sql: Sql, bucketNames: readonly string[]): Promise<void> {
  if (bucketNames.length === 0) return
  await sql.query('UPDATE decision SET until_at = now() WHERE bucket_name = ANY($1::text[]) AND until_at IS NULL', [
    bucketNames,
  ])
}

export async function forgetDecisions(sql: Sql): Promise<void> {
  await sql.query('DELETE FROM decision WHERE until_at < now() - make_interval(days => $1)', [keptDays])
  // The use of what is said is noted once a day: it may be a day older than it says.
  await sql.query(
    `UPDATE decision_reasons r SET last_needed_at = now() WHERE last_needed_at < now() - interval '1 day'
       AND EXISTS (SELECT 1 FROM decision d WHERE d.reasons_id = r.id AND d.until_at IS NULL)`,
  )
  await sql.query('DELETE FROM decision_reasons WHERE last_needed_at < now() - make_interval(days => $1)', [
    keptDays + 2,
  ])
}
