import { parseLbPolicy } from '../../domain/policy/lb-policy.ts'
import { effectivePolicy } from '../../domain/policy/policy.ts'
import type { BucketRoute, FaasEndpoint, RouteTable } from '../../domain/route/routing-table.ts'
import type { Sql } from '../core/pool.ts'

/** Routes decided after `number`, in the order of their numbers. */
export async function routesAfter(sql: Sql, number: number, limit: number): Promise<BucketRoute[]> {
  const { rows } = await sql.query<{
    bucket: string
    number: number
    clusters: string[] | null
    lbPolicy: string | null
    timeoutMs: number | null
  }>(
    `SELECT r.bucket_name AS bucket, r.number, t.clusters, t.lb_policy AS "lbPolicy", t.timeout_ms AS "timeoutMs"
     FROM route r LEFT JOIN route_table t ON t.id = r.table_id WHERE r.number > $1 ORDER BY r.number LIMIT $2`,
    [number, limit],
  )
  return rows.map(({ bucket, number: decided, clusters, lbPolicy, timeoutMs }) => {
    const policy = lbPolicy === null ? undefined : parseLbPolicy(lbPolicy)
    const table = clusters === null || !policy ? null : { clusters, lbPolicy: policy, timeoutMs: timeoutMs ?? 0 }
    return { bucket, number: decided, table }
  })
}

/** Tables that an Envoy may still route by though no bucket's route names them: those of the last days (their last use is noted once a day). */
export async function recentTables(sql: Sql): Promise<RouteTable[]> {
  const { rows } = await sql.query<{ clusters: string[]; lbPolicy: string; timeoutMs: number }>(
    `SELECT clusters, lb_policy AS "lbPolicy", timeout_ms AS "timeoutMs" FROM route_table
     WHERE last_needed_at > now() - interval '2 days'`,
  )
  return rows.flatMap(({ clusters, lbPolicy, timeoutMs }) => {
    const policy = parseLbPolicy(lbPolicy)
    return policy ? [{ clusters, lbPolicy: policy, timeoutMs }] : []
  })
}

/** Every function deployment, as the proxies need it. */
export async function loadEndpoints(sql: Sql): Promise<FaasEndpoint[]> {
  const { rows } = await sql.query<FaasEndpoint>(
    `SELECT f.id, c.name AS cluster, f.kind, f.url, f.address, f.weight,
       CASE f.health WHEN 'unhealthy' THEN 'unhealthy' ELSE 'healthy' END AS health
     FROM faas_deployment f JOIN cluster c ON c.id = f.cluster_id ORDER BY f.id`,
  )
  return rows
}

/** What the proxies are told of all callers: the header that names the bucket, and whose scripts may call. */
export async function loadCallerPolicies(sql: Sql): Promise<{ matchHeader: string; corsOrigins: readonly string[] }> {
  const { rows } = await sql.query<{ name: string; value: unknown }>(
    `SELECT name, value FROM policy_value WHERE scope = 'global' AND name IN ('lb_match_header', 'cors_origins')`,
  )
  const global = Object.fromEntries(rows.map(({ name, value }) => [name, value]))
  return {
    matchHeader: effectivePolicy('lb_match_header', { global }).value,
    corsOrigins: effectivePolicy('cors_origins', { global }).value,
  }
}
