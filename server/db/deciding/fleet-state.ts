import type { FleetCluster, FleetState } from '../../domain/decide/bucket-state.ts'
import { classesOf } from '../../domain/placement/select.ts'
import type { Sql } from '../core/pool.ts'
import { globalValues } from '../policies/policy-values.ts'
import { isDown, isReturning } from '../terms/health.ts'

export type LoadedFleet = FleetState & {
  readonly globalPolicies: Readonly<Record<string, unknown>>
  /** Of the policies of global scope. */
  readonly version: number
}

const clusters = `
  SELECT c.name, c.zones, c.state,
    (SELECT count(*)::int FROM faas_deployment f WHERE f.cluster_id = c.id) AS functions,
    EXISTS (SELECT 1 FROM faas_deployment f WHERE f.cluster_id = c.id AND NOT ${isDown('f')}) AS "functionsAnswer",
    COALESCE((SELECT json_agg(json_build_object('id', s.id, 'name', s.name, 'active', s.state = 'active',
        'healthy', NOT ${isDown('s')}, 'returning', ${isReturning('s')}, 'foreignBucket', false,
        'bucketNameTemplate', s.bucket_name_template,
        'problem', (SELECT t.problem FROM store_trouble t WHERE t.storage_id = s.id ORDER BY t.since LIMIT 1))
        ORDER BY s.name)
      FROM storage_deployment s WHERE s.cluster_id = c.id), '[]') AS stores
  FROM cluster c ORDER BY c.name`

/** One route of each table is looked for: an EXISTS may be answered by reading all routes. */
const classesInUse = `
  SELECT t.clusters FROM route_table t CROSS JOIN LATERAL (SELECT FROM route r WHERE r.table_id = t.id LIMIT 1) used`

type FleetRow = {
  readonly version: number
  readonly clusters: readonly FleetCluster[] | null
  readonly classes: readonly string[][] | null
  readonly callers: Readonly<Record<string, string>> | null
  readonly policies: Readonly<Record<string, unknown>> | null
}

/** Clusters with their stores and how many functions they have, and who may be let in: small, and read once per batch of decisions. */
export async function loadFleet(sql: Sql): Promise<LoadedFleet> {
  const { rows } = await sql.query<FleetRow>(
    `SELECT f.version, (SELECT json_agg(c) FROM (${clusters}) c) AS clusters,
       (SELECT json_agg(c.clusters) FROM (${classesInUse}) c) AS classes,
       (SELECT json_object_agg(name, id) FROM caller) AS callers, (${globalValues}) AS policies
     FROM fleet f`,
  )
  const [fleet] = rows
  if (fleet === undefined) throw new Error('the table fleet has no row')
  return {
    clusters: fleet.clusters ?? [],
    callers: new Map(Object.entries(fleet.callers ?? {})),
    classesInUse: classesOf(fleet.classes ?? []),
    globalPolicies: fleet.policies ?? {},
    version: fleet.version,
  }
}
