// The values of policies as users set them. Which of them is in force is said in domain/policy/effective.ts.
import type { Sql } from '../core/pool.ts'

type Values = Readonly<Record<string, unknown>>

/** SQL: the values of global scope by name, as JSON; null: none is set. */
export const globalValues = `SELECT json_object_agg(name, value) FROM policy_value WHERE scope = 'global'`

export async function globalPolicyValues(sql: Sql): Promise<Values> {
  const { rows } = await sql.query<{ values: Values | null }>(`SELECT (${globalValues}) AS values`)
  return rows[0]?.values ?? {}
}

async function valuesOf(sql: Sql, scope: 'bucket' | 'cluster', ids: readonly string[]): Promise<Map<string, Values>> {
  const { rows } = await sql.query<{ id: string; values: Values }>(
    `SELECT scope_id AS id, json_object_agg(name, value) AS values FROM policy_value
     WHERE scope = $1::text AND scope_id = ANY($2::uuid[]) GROUP BY scope_id`,
    [scope, ids],
  )
  return new Map(rows.map((row) => [row.id, row.values]))
}

/** Values set for these buckets themselves; a bucket without any is absent. */
export const bucketPolicyValues = (sql: Sql, bucketIds: readonly string[]): Promise<Map<string, Values>> =>
  valuesOf(sql, 'bucket', bucketIds)

/** The same of clusters. */
export const clusterPolicyValues = (sql: Sql, clusterIds: readonly string[]): Promise<Map<string, Values>> =>
  valuesOf(sql, 'cluster', clusterIds)
