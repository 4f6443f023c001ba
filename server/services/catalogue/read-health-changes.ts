// The last changes of how well stores and function deployments are.
import { clusterByName } from '../../db/catalogue/clusters.ts'
import { type HealthChange, lastHealthChanges } from '../../db/catalogue/health-changes.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export type HealthChangeView = HealthChange

/** Null: there is no such cluster. */
export async function healthChanges(
  { pool }: ServiceDeps,
  cluster: string | null,
  limit: number,
): Promise<readonly HealthChangeView[] | null> {
  if (cluster === null) return lastHealthChanges(pool, null, limit)
  const found = await clusterByName(pool, cluster)
  return found === undefined ? null : lastHealthChanges(pool, found.id, limit)
}
