import { type RouteRecord, routesOfBuckets } from '../../db/catalogue/bucket-routes.ts'
import { type WaitRecord, waitsOfBuckets } from '../../db/catalogue/route-waits.ts'
import type { Sql } from '../../db/core/pool.ts'
import { bucketPolicyValues, globalPolicyValues } from '../../db/policies/policy-values.ts'
import { policyDefinitions } from '../../domain/policy/definitions.ts'
import { effectivePolicy } from '../../domain/policy/effective.ts'
import type { LbPolicy } from '../../domain/policy/lb-policy.ts'
import type { Reason } from '../../domain/reason.ts'

export type RouteWait = { readonly proxyId: string; readonly reason: Reason }
export type RouteView = Pick<RouteRecord, 'bucketId' | 'state' | 'overridden' | 'upstreams' | 'callers'> & {
  readonly lbPolicy: LbPolicy
  /** The proxies that count and have not agreed to it. */
  readonly waitsFor: readonly RouteWait[]
}

/** Before a route is decided it shows the load-balancing policy that is wanted. */
export async function readRoutes(sql: Sql, bucketIds: readonly string[]): Promise<RouteView[]> {
  const routes = await routesOfBuckets(sql, bucketIds)
  const undecided = routes.filter((route) => route.lbPolicy === null).map((route) => route.bucketId)
  const wanted = undecided.length > 0 ? await wantedPolicies(sql, undecided) : () => policyDefinitions.lb_policy.default
  const waits = Map.groupBy(await waitsOfBuckets(sql, bucketIds), (wait) => wait.bucketId)
  return routes.map(({ lbPolicy, overridePolicy, ...route }) => ({
    ...route,
    lbPolicy: lbPolicy ?? overridePolicy ?? wanted(route.bucketId),
    waitsFor: (waits.get(route.bucketId) ?? []).map((wait) => ({ proxyId: wait.proxyId, reason: reasonOf(wait) })),
  }))
}

function reasonOf({ nodeId, goneSince, countsUntil, refused, error }: WaitRecord): Reason {
  if (goneSince !== null && countsUntil !== null)
    return {
      code: 'PROXY_GONE',
      message: `Waits for the proxy ${nodeId}, gone since ${goneSince.toISOString()}, counts until ${countsUntil.toISOString()}: it may still serve by what it had; forget it if it will not come back`,
    }
  if (refused)
    return { code: 'PROXY_REFUSED', message: `The proxy ${nodeId} refused it: ${error ?? 'it does not say why'}` }
  return { code: 'PROXY_BEHIND', message: `Waits for the proxy ${nodeId}, which has not answered yet` }
}

async function wantedPolicies(sql: Sql, bucketIds: readonly string[]): Promise<(bucketId: string) => LbPolicy> {
  const global = await globalPolicyValues(sql)
  const own = await bucketPolicyValues(sql, bucketIds)
  return (bucketId) => effectivePolicy('lb_policy', { global, bucket: own.get(bucketId) ?? {} }).value
}
