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
    `WITH r AS (SELECT * FROM unnest($1::text[], $2::text[]) AS r (id, content)),
       known AS (${noteUse('decision_reasons', 'id IN (SELECT id FROM r)')})
     INSERT INTO decision_reasons (id, content) SELECT r.id, r.content::jsonb FROM r ORDER BY r.id
     ON CONFLICT (id) DO NOTHING`,
    [[...reasons.keys()], [...reasons.values()]],
  )
  const values = columns.values(news)
  await sql.query(
    `WITH ended AS (${ending(values.length + 1)})
     INSERT INTO decision (bucket_id, bucket_name, number, table_id, reasons_id, bucket_version, policies_version)
     SELECT * FROM ${columns.rows('d', 1)}`,
    [...values, news.map(({ state }) => state.name)],
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
