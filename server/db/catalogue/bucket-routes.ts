// Where the calls of buckets go, and whether the proxies know: in one statement, so that both are of one moment.
import { type LbPolicy, parseLbPolicy } from '../../domain/policy/lb-policy.ts'
import type { Sql } from '../core/pool.ts'
import { whoMayCall } from '../terms/who-may-call.ts'
import { type RouteState, routeStateExpression, routeStateFacts } from './route-states.ts'

export type RouteRecord = {
  readonly bucketId: string
  readonly state: RouteState
  /** A user's override holds. */
  readonly overridden: boolean
  /** Null while nothing is decided. */
  readonly lbPolicy: LbPolicy | null
  /** The policy that the override asks for, if it does. */
  readonly overridePolicy: LbPolicy | null
  /** Clusters that still exist, in the order in which they are asked or by name. */
  readonly upstreams: readonly RouteMember[]
  /** Names of those who may call, in order; null: anybody. */
  readonly callers: readonly string[] | null
}

export type RouteMember = {
  readonly clusterId: string
  /** The sum of its deployments' weights. */
  readonly weight: number
  /** One of its deployments is not down. */
  readonly answers: boolean
}

type Row = Omit<RouteRecord, 'lbPolicy' | 'overridePolicy' | 'upstreams'> & {
  lbPolicy: string | null
  overridePolicy: string | null
  upstreams: RouteMember[] | null
}

const policyOf = (text: string | null): LbPolicy | null => (text === null ? null : (parseLbPolicy(text) ?? null))

export async function routesOfBuckets(sql: Sql, bucketIds: readonly string[]): Promise<RouteRecord[]> {
  const { rows } = await sql.query<Row>(
    `WITH ${routeStateFacts},
     upstream AS MATERIALIZED (
       SELECT c.id, c.name, (SELECT COALESCE(sum(f.weight), 0)::int FROM faas_deployment f WHERE f.cluster_id = c.id) AS weight
       FROM cluster c)
     SELECT b.id AS "bucketId", ${routeStateExpression} AS state, o.bucket_id IS NOT NULL AS overridden,
       t.lb_policy AS "lbPolicy", ${whoMayCall} AS callers, o.lb_policy AS "overridePolicy",
       (SELECT json_agg(json_build_object('clusterId', u.id, 'weight', u.weight, 'answers', u.name <> ALL(facts.silent))
          ORDER BY array_position(ARRAY(SELECT jsonb_array_elements_text(t.content->'order')), u.name), u.name)
        FROM upstream u WHERE u.name = ANY(t.clusters) AND b.state <> 'deleting') AS upstreams
     FROM bucket b CROSS JOIN facts LEFT JOIN route r ON r.bucket_id = b.id LEFT JOIN route_table t ON t.id = r.table_id
     LEFT JOIN route_override o ON o.bucket_id = b.id
     WHERE b.id = ANY($1::uuid[])`,
    [bucketIds],
  )
  return rows.map(({ lbPolicy, overridePolicy, upstreams, ...row }) => ({
    ...row,
    lbPolicy: policyOf(lbPolicy),
    overridePolicy: policyOf(overridePolicy),
    upstreams: upstreams ?? [],
  }))
}
