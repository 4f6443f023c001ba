// What the policies of clusters let pass into and out of their stores now, by PostgreSQL's clock.

import { type ClusterRate, clusterRate } from '../../domain/bandwidth/cluster-rate.ts'
import type { PolicyName } from '../../domain/policy/definitions.ts'
import { ms } from '../core/clock.ts'
import type { Sql } from '../core/pool.ts'

export type StoreRate = ClusterRate & {
  readonly clusterId: string
  readonly cluster: string
  /** When this was so: milliseconds since 1970. */
  readonly at: number
}

const names: readonly PolicyName[] = [
  'bandwidth_limit',
  'replication_window',
  'bandwidth_outside_window',
  'cost_per_gb',
]

type Values = Readonly<Record<string, unknown>>

const valuesOf = (owner: string) =>
  `COALESCE((SELECT json_object_agg(v.name, v.value) FROM policy_value v WHERE ${owner} AND v.name = ANY($1)), '{}')`

/** By the stores' ids; empty where no such policy is set at all. */
export async function storeRates(sql: Sql): Promise<ReadonlyMap<string, StoreRate>> {
  const { rows } = await sql.query<{
    storageId: string
    clusterId: string
    cluster: string
    own: Values
    global: Values
    at: number
  }>(
    `SELECT s.id AS "storageId", c.id AS "clusterId", c.name AS cluster,
       ${valuesOf(`v.scope = 'cluster' AND v.scope_id = c.id`)} AS own, ${valuesOf(`v.scope = 'global'`)} AS global,
       ${ms('clock_timestamp()')} AS at
     FROM storage_deployment s JOIN cluster c ON c.id = s.cluster_id
     WHERE EXISTS (SELECT 1 FROM policy_value WHERE name = ANY($1))`,
    [names],
  )
  return new Map(
    rows.map(({ storageId, clusterId, cluster, own, global, at }) => [
      storageId,
      { clusterId, cluster, at, ...clusterRate({ global, cluster: own }, at) },
    ]),
  )
}
