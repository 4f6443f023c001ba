import type { FleetCluster, FleetState } from '../../domain/decide/bucket-state.ts'
import { classesOf } from '../../domain/placement/select.ts'
import type { Sql } from '../core/pool.ts'
import { globalPolicyValues } from '../policies/policy-values.ts'
import { isDown } from '../terms/faas.ts'

export type LoadedFleet = FleetState & {
  readonly globalPolicies: Readonly<Record<string, unknown>>
  /** Of the policies of global scope. */
  readonly version: number
}

/** Clusters with their stores and how many functions they have, and who may be let in: small, and read once per batch of decisions. */
export async function loadFleet(sql: Sql): Promise<LoadedFleet> {
  const clusters = await sql.query<FleetCluster>(
    `SELECT c.name, c.zones, c.state,
       (SELECT count(*)::int FROM faas_deployment f WHERE f.cluster_id = c.id) AS functions,
       EXISTS (SELECT 1 FROM faas_deployment f WHERE f.cluster_id = c.id AND NOT ${isDown('f')}) AS "functionsAnswer",
       COALESCE((SELECT json_agg(json_build_object('id', s.id, 'name', s.name, 'active', s.state = 'active',
           'healthy', s.health <> 'unhealthy', 'returning', s.health = 'returning', 'foreignBucket', false, 'bucketNameTemplate', s.bucket_name_template,
           'problem', (SELECT t.problem FROM store_trouble t WHERE t.storage_id = s.id ORDER BY t.since LIMIT 1))
           ORDER BY s.name)
         FROM storage_deployment s WHERE s.cluster_id = c.id), '[]') AS stores
     FROM cluster c ORDER BY c.name`,
  )
  const classes = await sql.query<{ clusters: string[] }>(
    // One route of each table is looked for: an EXISTS may be answered by reading all routes.
    `SELECT t.clusters FROM route_table t CROSS JOIN LATERAL (SELECT FROM route r WHERE r.table_id = t.id LIMIT 1) used`,
  )
  const fleet = await sql.query<{ version: number }>('SELECT version FROM fleet')
  const callers = await sql.query<{ name: string; id: string }>('SELECT name, id FROM caller')
  return {
    clusters: clusters.rows,
    callers: new Map(callers.rows.map(({ name, id }) => [name, id])),
    classesInUse: classesOf(classes.rows.map((row) => row.clusters)),
    globalPolicies: await globalPolicyValues(sql),
    version: fleet.rows[0]?.version ?? 0,
  }
}
