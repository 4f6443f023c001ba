import type { Health } from '../../domain/fleet/failback.ts'
import type { HealthCause } from '../../domain/fleet/health-cause.ts'
import type { HealthHistory } from '../../domain/fleet/health-history.ts'
import type { Sql } from '../core/pool.ts'

/** What a probe found other than the one before. It is of a store or of a function deployment. */
export type HealthChange = {
  readonly id: string
  readonly at: Date
  readonly storageId: string | null
  readonly faasId: string | null
  readonly health: Health
  readonly cause: HealthCause | null
  readonly detail: string | null
}

/** The last ones first; of this cluster, or of all. */
export async function lastHealthChanges(sql: Sql, clusterId: string | null, limit: number): Promise<HealthChange[]> {
  const { rows } = await sql.query<HealthChange>(
    `SELECT h.number::text AS id, h.at, h.storage_id AS "storageId", h.faas_id AS "faasId", h.health, h.cause, h.detail
     FROM health_change h
     WHERE $1::uuid IS NULL OR h.storage_id IN (SELECT s.id FROM storage_deployment s WHERE s.cluster_id = $1)
       OR h.faas_id IN (SELECT f.id FROM faas_deployment f WHERE f.cluster_id = $1)
     ORDER BY h.number DESC LIMIT $2`,
    [clusterId, limit],
  )
  return rows
}

export type DeploymentHistory = { readonly cluster: string; readonly url: string; readonly history: HealthHistory }

type HistoryRow = Pick<DeploymentHistory, 'cluster' | 'url'> & {
  /** Null: none is kept. */
  readonly at: Date | null
  readonly health: Health
  readonly detail: string | null
}

/** Of the function deployments of these clusters that were there before `until` (null: that are there). */
export async function functionHistories(
  sql: Sql,
  clusters: readonly string[],
  until: Date | null,
): Promise<DeploymentHistory[]> {
  const { rows } = await sql.query<HistoryRow>(
    `SELECT c.name AS cluster, f.url, h.at, h.health, h.detail
     FROM cluster c JOIN faas_deployment f ON f.cluster_id = c.id LEFT JOIN health_change h ON h.faas_id = f.id
     WHERE c.name = ANY($1::text[]) AND ($2::timestamptz IS NULL OR f.created_at < $2)
     ORDER BY c.name, f.url, h.number`,
    [clusters, until],
  )
  return [...Map.groupBy(rows, ({ url }) => url)].map(([url, changes]) => ({
    cluster: changes[0]?.cluster ?? '',
    url,
    history: changes.flatMap(({ at, health, detail }) => (at === null ? [] : [{ at, health, detail }])),
  }))
}
