// What was decided of buckets' calls, and when and why: so that x-fado-decision can be asked about for days.
import { contentId, textId } from '../../content-id.ts'
import { given } from '../core/given.ts'
import type { Sql } from '../core/pool.ts'
import type { Decided } from './decided.ts'
import { noteUse } from './last-use.ts'

/** So long a decision is kept after its end, and what a route table said after its last use. */
export const keptDays = 30

/** SQL: of the last decision of the bucket of this name, which holds unless it has an end. */
export const lastDecision = (what: string, name: string): string =>
  `SELECT ${what} FROM decision WHERE bucket_name = ${name} ORDER BY seq DESC LIMIT 1`

/** A decision to be kept: its route changed, or what it says of the clusters, or whose its policies are. */
export type DecisionToKeep = Pick<Decided['kept'], 'versions'> & {
  readonly state: Decided['state']
  readonly tableId: string | null
  readonly reasonsId: string
  readonly content: string
}

const columns = given<DecisionToKeep & { readonly number: number }>({
  bucket_id: ['uuid', ({ state }) => state.id],
  bucket_name: ['text', ({ state }) => state.name],
  number: ['bigint', ({ number }) => number],
  table_id: ['text', ({ tableId }) => tableId],
  reasons_id: ['text', ({ reasonsId }) => reasonsId],
  bucket_version: ['int', ({ versions }) => versions.bucket],
  policies_version: ['int', ({ versions }) => versions.policies],
})

/** What decisions say of the clusters, and which of them are news. */
export async function keepReasons(sql: Sql, decided: readonly Decided[]): Promise<readonly DecisionToKeep[]> {
  const news = decided.flatMap((one) => newsOf(one) ?? [])
  if (news.length === 0) return []
  const reasons = new Map(news.map(({ reasonsId, content }) => [reasonsId, content]))
  await sql.query(
    `WITH r AS (SELECT * FROM unnest($1::text[], $2::text[]) AS r (id, content)),
       known AS (${noteUse('decision_reasons', 'id IN (SELECT id FROM r)')})
     INSERT INTO decision_reasons (id, content) SELECT r.id, r.content::jsonb FROM r ORDER BY r.id
     ON CONFLICT (id) DO NOTHING`,
    [[...reasons.keys()], [...reasons.values()]],
  )
  return news
}

/** `numbers`: of the routes that changed. */
export async function keepDecisions(
  sql: Sql,
  news: readonly DecisionToKeep[],
  numbers: ReadonlyMap<string, number>,
): Promise<void> {
  if (news.length === 0) return
  const numbered = news.map((one) => ({ ...one, number: numbers.get(one.state.id) ?? one.state.route?.number ?? 0 }))
  const values = columns.values(numbered)
  await sql.query(
    `WITH ended AS (${ending(values.length + 1)})
     INSERT INTO decision (bucket_id, bucket_name, number, table_id, reasons_id, bucket_version, policies_version)
     SELECT * FROM ${columns.rows('d', 1)}`,
    [...values, news.map(({ state }) => state.name)],
  )
}

/** undefined: what is kept already says the same. */
function newsOf({ state, difference: { route: changed }, kept }: Decided): DecisionToKeep | undefined {
  const route = changed ?? state.route
  const content = JSON.stringify(kept.content)
  const reasonsId = textId(content)
  // Before its first route nothing is called.
  if (route === null || (changed === null && reasonsId === kept.last)) return undefined
  const tableId = route.table === null ? null : contentId(route.table)
  return { state, versions: kept.versions, tableId, reasonsId, content }
}

/** SQL: the decisions that hold of the buckets of these names, the parameter `names`, do not any more. */
const ending = (names: number): string =>
  `UPDATE decision SET until_at = now() WHERE until_at IS NULL
     AND seq = ANY(ARRAY(SELECT (${lastDecision('seq', 'n')}) FROM unnest($${names}::text[]) AS n))`

export async function endDecisions(sql: Sql, bucketNames: readonly string[]): Promise<void> {
  if (bucketNames.length > 0) await sql.query(ending(1), [bucketNames])
}

export async function forgetDecisions(sql: Sql): Promise<void> {
  await sql.query('DELETE FROM decision WHERE until_at < now() - make_interval(days => $1)', [keptDays])
  await sql.query(
    noteUse(
      'decision_reasons',
      'EXISTS (SELECT 1 FROM decision d WHERE d.reasons_id = decision_reasons.id AND d.until_at IS NULL)',
    ),
  )
  await sql.query('DELETE FROM decision_reasons WHERE last_needed_at < now() - make_interval(days => $1)', [
    keptDays + 2,
  ])
}
