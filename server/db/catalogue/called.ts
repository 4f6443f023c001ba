// Whose calls they were: what the figures of calls name by ids of deployments and names of buckets.
import type { Sql } from '../core/pool.ts'

/** Of each function deployment the id of its cluster. */
export async function clustersOfDeployments(sql: Sql): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql.query<{ id: string; cluster: string }>(
    'SELECT id, cluster_id AS cluster FROM faas_deployment',
  )
  return new Map(rows.map(({ id, cluster }) => [id, cluster]))
}

/** Of each of these buckets that is there the id of its master's cluster. */
export async function clustersOfMasters(sql: Sql, buckets: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (buckets.length === 0) return new Map()
  const { rows } = await sql.query<{ bucket: string; cluster: string }>(
    `SELECT b.name AS bucket, s.cluster_id AS cluster FROM bucket b
     JOIN storage_deployment s ON s.id = b.master_storage_id WHERE b.name = ANY($1)`,
    [buckets],
  )
  return new Map(rows.map(({ bucket, cluster }) => [bucket, cluster]))
}
