import type { LbPolicy } from '../../domain/policy/lb-policy.ts'
import type { CatalogueTx } from '../core/client.ts'
import type { Sql } from '../core/pool.ts'

export type NewOverride = {
  readonly lbPolicy: LbPolicy | null
  /** Names of clusters; null = no narrowing by cluster. */
  readonly clusters: readonly string[] | null
}

/** Replaces the whole override. */
export async function setOverride(sql: Sql, bucketId: string, { lbPolicy, clusters }: NewOverride): Promise<void> {
  await sql.query(
    `INSERT INTO route_override (bucket_id, lb_policy, clusters) VALUES ($1::uuid, $2::text, $3::jsonb)
     ON CONFLICT (bucket_id) DO UPDATE SET lb_policy = excluded.lb_policy, clusters = excluded.clusters`,
    [bucketId, lbPolicy, clusters === null ? null : JSON.stringify(clusters)],
  )
}

/** Returns whether there was one. */
export async function clearOverride(tx: CatalogueTx, bucketId: string): Promise<boolean> {
  const { count } = await tx.prisma.routeOverride.deleteMany({ where: { bucketId } })
  return count > 0
}
