import { type RouteRecord, routesOfBuckets } from '../../db/catalogue/bucket-routes.ts'
import { bucketPolicyValues, globalPolicyValues } from '../../db/catalogue/policy-values.ts'
import type { Sql } from '../../db/core/pool.ts'
import type { LbPolicy } from '../../domain/policy/lb-policy.ts'
import { effectivePolicy } from '../../domain/policy/policy.ts'

export type RouteView = Pick<RouteRecord, 'bucketId' | 'state' | 'overridden' | 'upstreams'> & {
  readonly lbPolicy: LbPolicy
}

/** Before a route is decided it shows the load-balancing policy that is wanted. */
export async function readRoutes(sql: Sql, bucketIds: readonly string[]): Promise<RouteView[]> {
  const routes = await routesOfBuckets(sql, bucketIds)
  const undecided = routes.filter((route) => route.lbPolicy === null).map((route) => route.bucketId)
  const wanted = undecided.length > 0 ? await wantedPolicies(sql, undecided) : () => 'round_robin' as const
  return routes.map(({ lbPolicy, overridePolicy, ...route }) => ({
    ...route,
    lbPolicy: lbPolicy ?? overridePolicy ?? wanted(route.bucketId),
  }))
}

async function wantedPolicies(sql: Sql, bucketIds: readonly string[]): Promise<(bucketId: string) => LbPolicy> {
  const global = await globalPolicyValues(sql)
  const own = await bucketPolicyValues(sql, bucketIds)
  return (bucketId) => effectivePolicy('lb_policy', { global, bucket: own.get(bucketId) ?? {} }).value
}
