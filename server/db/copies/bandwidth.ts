// The limits that clusters have, and the shares of them that movers hold.
import { grantOf, type Share } from '../../domain/bandwidth/grant.ts'
import { effectivePolicy } from '../../domain/policy/effective.ts'
import type { Sql, Tx } from '../core/pool.ts'
import { clusterPolicyValues, globalPolicyValues } from '../policies/policy-values.ts'

/** The clusters that have a limit (bytes per second), by their stores. */
export type Limits = ReadonlyMap<string, { readonly clusterId: string; readonly limit: number }>

export async function bandwidthLimits(sql: Sql): Promise<Limits> {
  const { rows: set } = await sql.query(`SELECT 1 FROM policy_value WHERE name = 'bandwidth_limit' LIMIT 1`)
  if (set.length === 0) return new Map()
  const global = await globalPolicyValues(sql)
  const { rows } = await sql.query<{ id: string; clusterId: string }>(
    'SELECT id, cluster_id AS "clusterId" FROM storage_deployment',
  )
  const clusters = await clusterPolicyValues(sql, [...new Set(rows.map(({ clusterId }) => clusterId))])
  return new Map(
    rows.flatMap(({ id, clusterId }) => {
      const limit = effectivePolicy('bandwidth_limit', { global, cluster: clusters.get(clusterId) ?? {} }).value
      return limit === null ? [] : [[id, { clusterId, limit }] as const]
    }),
  )
}

export type WantedShare = { readonly clusterId: string; readonly limit: number; readonly wanted: number }

/** Takes or renews this mover's share of a limit; resolves to what it may use. One mover at a time looks at a cluster. */
export async function leaseShare(
  tx: Tx,
  lease: { readonly owner: string; readonly seconds: number },
  { clusterId, limit, wanted }: WantedShare,
): Promise<number> {
  const cluster = await tx.query('SELECT 1 FROM cluster WHERE id = $1 FOR KEY SHARE', [clusterId])
  if (cluster.rowCount === 0) return 0
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('bandwidth ' || $1, 0))`, [clusterId])
  const { rows } = await tx.query<Share>(
    `SELECT wanted, granted FROM bandwidth_share WHERE cluster_id = $1 AND owner <> $2 AND lease_until > clock_timestamp()`,
    [clusterId, lease.owner],
  )
  const granted = grantOf(limit, wanted, rows)
  await tx.query(
    `INSERT INTO bandwidth_share (cluster_id, owner, wanted, granted, lease_until)
     VALUES ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))
     ON CONFLICT (cluster_id, owner) DO UPDATE SET wanted = excluded.wanted, granted = excluded.granted,
       lease_until = excluded.lease_until`,
    [clusterId, lease.owner, wanted, granted, lease.seconds],
  )
  return granted
}

/** This mover needs no share of these any more; and those of movers that are gone end here. */
export async function endShares(sql: Sql, owner: string, clusterIds: readonly string[]): Promise<void> {
  await sql.query(
    'DELETE FROM bandwidth_share WHERE (owner = $1 AND cluster_id = ANY($2::uuid[])) OR lease_until < now()',
    [owner, clusterIds],
  )
}
