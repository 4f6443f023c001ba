import type { Health } from '../../domain/fleet/failback.ts'
import type { HealthCause } from '../../domain/fleet/health-cause.ts'
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
