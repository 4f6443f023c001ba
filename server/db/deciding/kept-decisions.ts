// What was decided of buckets' calls, and when and why: so that x-fado-decision can be asked about for days.
import { contentId } from '../../content-id.ts'
import type { Sql } from '../core/pool.ts'
import type { Decided } from './decided.ts'

/** So long a decision is kept after its end. */
const keptDays = 30

/** `numbers`: of the routes that changed. A decision is kept where its route changed, or what it says of the clusters. */
export async function keepDecisions(
  sql: Sql,
  decided: readonly Decided[],
  numbers: ReadonlyMap<string, number>,
): Promise<void> {
  const news = decided.flatMap(({ state: { id, name, route }, difference, kept }) => {
    const number = numbers.get(id) ?? route?.number
    if (number === undefined) return []
    const reasonsId = contentId(kept.content)
    if (!numbers.has(id) && reasonsId === kept.last) return []
    const table = difference.route === null ? route?.table : difference.route.table
    return [{ id, name, number, tableId: table ? contentId(table) : null, reasonsId, kept }]
  })
  if (news.length === 0) return
  const reasons = new Map(news.map(({ reasonsId, kept }) => [reasonsId, kept.content]))
  await sql.query(
    `INSERT INTO decision_reasons (id, content)
     SELECT r.id, r.content FROM jsonb_to_recordset($1::jsonb) AS r (id text, content jsonb) ORDER BY r.id
     ON CONFLICT (id) DO UPDATE SET last_needed_at = now()`,
    [JSON.stringify(Array.from(reasons, ([id, content]) => ({ id, content })))],
  )
  await endDecisions(
    sql,
    news.filter(({ kept }) => kept.last !== null).map(({ id }) => id),
  )
  await sql.query(
    `INSERT INTO decision (bucket_id, bucket_name, number, table_id, reasons_id, bucket_version, policies_version)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::int[], $7::int[])`,
    [
      news.map(({ id }) => id),
      news.map(({ name }) => name),
      news.map(({ number }) => number),
      news.map(({ tableId }) => tableId),
      news.map(({ reasonsId }) => reasonsId),
      news.map(({ kept }) => kept.versions.bucket),
      news.map(({ kept }) => kept.versions.policies),
    ],
  )
}

/** Those of these buckets that hold do not any more. */
export async function endDecisions(sql: Sql, bucketIds: readonly string[]): Promise<void> {
  if (bucketIds.length === 0) return
  await sql.query(
    `UPDATE decision d SET until_at = now() FROM bucket b
     WHERE b.id = ANY($1::uuid[]) AND d.bucket_name = b.name AND d.until_at IS NULL`,
    [bucketIds],
  )
}

export async function forgetDecisions(sql: Sql): Promise<void> {
  await sql.query('DELETE FROM decision WHERE until_at < now() - make_interval(days => $1)', [keptDays])
  // The use of what is said is noted once a day, so nothing is asked for that was not needed for a day longer than decisions are kept.
  await sql.query(
    `UPDATE decision_reasons r SET last_needed_at = now() WHERE last_needed_at < now() - interval '1 day'
       AND EXISTS (SELECT 1 FROM decision d WHERE d.reasons_id = r.id AND d.until_at IS NULL)`,
  )
  await sql.query('DELETE FROM decision_reasons WHERE last_needed_at < now() - make_interval(days => $1)', [
    keptDays + 2,
  ])
}
