// What was decided of buckets' calls: by which table, when, and why.
import type { KeptDecision } from '../../domain/decide/kept-decision.ts'
import { parseTable, type RouteTable, type RouteTableContent } from '../../domain/route/routing-table.ts'
import type { Sql } from '../core/pool.ts'
import { tableContent } from '../proxies/table-content.ts'

export type DecisionRecord = {
  readonly bucketName: string
  /** Null: it is gone, whatever has its name now. */
  readonly bucketId: string | null
  /** Of the route. */
  readonly number: number
  readonly tableId: string | null
  /** Null: withdrawn. */
  readonly table: RouteTable | null
  readonly kept: KeptDecision
  /** Of the bucket, and of the policies of global scope. */
  readonly bucketVersion: number
  readonly policiesVersion: number
  /** How often users have changed the bucket since; null: it is gone. And the policies of global scope. */
  readonly bucketChanges: number | null
  readonly policyChanges: number
  readonly from: Date
  /** Null: it holds. */
  readonly until: Date | null
}

type Row = Omit<DecisionRecord, 'table'> & { readonly content: RouteTableContent | null }

async function find(sql: Sql, decisions: string, values: unknown[]): Promise<DecisionRecord | undefined> {
  const { rows } = await sql.query<Row>(
    `SELECT d.bucket_name AS "bucketName", b.id AS "bucketId", d.number, d.table_id AS "tableId",
       ${tableContent('t')} AS content, r.content AS kept, d.bucket_version AS "bucketVersion",
       d.policies_version AS "policiesVersion",
       CASE WHEN b.id IS NOT NULL THEN GREATEST(b.version - d.bucket_version, 0) END AS "bucketChanges",
       GREATEST((SELECT version FROM fleet) - d.policies_version, 0) AS "policyChanges",
       d.from_at AS "from", d.until_at AS "until"
     FROM (${decisions}) d JOIN decision_reasons r ON r.id = d.reasons_id
     LEFT JOIN route_table t ON t.id = d.table_id LEFT JOIN bucket b ON b.id = d.bucket_id`,
    values,
  )
  const [row] = rows
  if (row === undefined) return undefined
  const { content, ...decision } = row
  return { ...decision, table: content === null ? null : parseTable(content) }
}

export type DecisionQuestion = {
  readonly tableId: string
  /** Null: any. */
  readonly bucket: string | null
  /** When the call was; null: now. */
  readonly at: Date | null
}

/** The last by which calls went by this table, of those that were made by then. */
export const findDecision = (
  sql: Sql,
  { tableId, bucket, at }: DecisionQuestion,
): Promise<DecisionRecord | undefined> =>
  // Of a bucket there are few; of a table as many as buckets share it.
  bucket === null
    ? find(
        sql,
        `SELECT * FROM decision WHERE table_id = $1 AND from_at <= COALESCE($2, now()) ORDER BY seq DESC LIMIT 1`,
        [tableId, at],
      )
    : find(
        sql,
        `WITH own AS MATERIALIZED (SELECT * FROM decision WHERE bucket_name = $3)
         SELECT * FROM own WHERE table_id = $1 AND from_at <= COALESCE($2, now()) ORDER BY seq DESC LIMIT 1`,
        [tableId, at, bucket],
      )

/** By what calls of the bucket went in the last milliseconds, first what held when they began; and what time it is. */
export async function tablesOfLast(
  sql: Sql,
  ms: number,
  bucket: string,
): Promise<{
  readonly tables: readonly { readonly table: RouteTable | null; readonly from: number }[]
  readonly now: number
}> {
  const { rows } = await sql.query<{ content: RouteTableContent | null; from: Date; now: Date }>(
    `WITH own AS MATERIALIZED (SELECT * FROM decision WHERE bucket_name = $1)
     SELECT ${tableContent('t')} AS content, d.from_at AS "from", now() AS now
     FROM own d LEFT JOIN route_table t ON t.id = d.table_id
     WHERE d.until_at IS NULL OR d.until_at > now() - make_interval(secs => $2) ORDER BY d.seq`,
    [bucket, ms / 1000],
  )
  const tables = rows.map(({ content, from }) => ({
    table: content === null ? null : parseTable(content),
    from: from.getTime(),
  }))
  return { tables, now: rows[0]?.now.getTime() ?? 0 }
}

/** The one that holds. */
export const presentDecision = (sql: Sql, bucket: string): Promise<DecisionRecord | undefined> =>
  find(sql, `SELECT * FROM decision WHERE bucket_name = $1 AND until_at IS NULL ORDER BY seq DESC LIMIT 1`, [bucket])
