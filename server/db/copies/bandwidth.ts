// The shares of clusters' limits that movers hold.
import { grantOf, type Share } from '../../domain/bandwidth/grant.ts'
import type { Sql, Tx } from '../core/pool.ts'

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
