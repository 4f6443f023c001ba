import type { Callers } from '../../domain/callers/caller.ts'
import type { FaasTls } from '../../domain/fleet/faas-auth.ts'
import { effectivePolicy } from '../../domain/policy/effective.ts'
import {
  type BucketRoute,
  type FaasEndpoint,
  parseTable,
  type RouteTable,
  type RouteTableContent,
} from '../../domain/route/routing-table.ts'
import type { Sql } from '../core/pool.ts'
import { globalPolicyValues } from '../policies/policy-values.ts'
import { namedCallers } from './callers.ts'
import { tableContent } from './table-content.ts'

/** Routes decided after `number`, in the order of their numbers. */
export async function routesAfter(sql: Sql, number: number, limit: number): Promise<BucketRoute[]> {
  const { rows } = await sql.query<{ bucket: string; number: number; content: RouteTableContent | null }>(
    `SELECT r.bucket_name AS bucket, r.number, ${tableContent('t')} AS content FROM route r
     LEFT JOIN route_table t ON t.id = r.table_id WHERE r.number > $1 ORDER BY r.number LIMIT $2`,
    [number, limit],
  )
  return rows.map(({ content, ...row }) => ({ ...row, table: content === null ? null : parseTable(content) }))
}

/** Tables that an Envoy may still route by though no bucket's route names them: those of the last days (their last use is noted once a day). */
export async function recentTables(sql: Sql): Promise<RouteTable[]> {
  const { rows } = await sql.query<{ content: RouteTableContent }>(
    `SELECT ${tableContent('t')} AS content FROM route_table t WHERE t.last_needed_at > now() - interval '2 days'`,
  )
  return rows.flatMap(({ content }) => parseTable(content) ?? [])
}

/** A deployment whose secrets are sealed; null: it has none. */
export type StoredEndpoint = Omit<FaasEndpoint, 'secrets'> & { readonly sealed: string | null }

/** Every function deployment, as the proxies need it. */
export async function loadEndpoints(sql: Sql): Promise<StoredEndpoint[]> {
  type Row = Omit<StoredEndpoint, 'tls'> & FaasTls
  const { rows } = await sql.query<Row>(
    `SELECT f.id, c.name AS cluster, f.kind, f.url, f.addresses, f.weight, f.path_template AS "pathTemplate", f.payload,
       f.functions, CASE WHEN f.lists_functions THEN f.listed_functions END AS listed, f.auth, f.credentials AS sealed, f.ca_certificates AS "caCertificates",
       f.skip_tls_verify AS "skipVerify", f.client_certificate AS "clientCertificate",
       CASE WHEN f.health IN ('unhealthy', 'returning') THEN f.health ELSE 'healthy' END AS health
     FROM faas_deployment f JOIN cluster c ON c.id = f.cluster_id ORDER BY f.id`,
  )
  return rows.map(({ caCertificates, skipVerify, clientCertificate, ...row }) => ({
    ...row,
    tls: { caCertificates, skipVerify, clientCertificate },
  }))
}

/** Whether the fleet's policy names callers: a bucket that is not there then answers as one that is guarded. */
export async function guardsEverywhere(sql: Sql): Promise<boolean> {
  return effectivePolicy('callers', { global: await globalPolicyValues(sql) }).value.length > 0
}

/** All callers, by their ids, and whether the fleet's policy names some. */
export async function loadCallers(sql: Sql): Promise<Callers & { readonly everywhere: boolean }> {
  const callers = await namedCallers(sql)
  // Each key of FaDO's has a key pair of its own; all callers of another issuer have the same set.
  const keys = await sql.query<{ issuer: string; jwks: string }>(
    `SELECT issuer, jsonb_build_object('keys', jsonb_agg(DISTINCT key))::text AS jwks
     FROM caller, jsonb_array_elements(jwks::jsonb->'keys') AS key GROUP BY issuer`,
  )
  return {
    callers: callers.map(({ name: _, ...caller }) => caller),
    keys: Object.fromEntries(keys.rows.map(({ issuer, jwks }) => [issuer, jwks])),
    everywhere: await guardsEverywhere(sql),
  }
}

/** What the proxies are told of all callers and of all deployments; times in milliseconds. */
export type ProxyPolicies = {
  readonly matchHeader: string
  readonly corsOrigins: readonly string[]
  readonly slowStartMs: number
  readonly callsAtOnce: number | null
}

export async function loadProxyPolicies(sql: Sql): Promise<ProxyPolicies> {
  const global = await globalPolicyValues(sql)
  return {
    matchHeader: effectivePolicy('lb_match_header', { global }).value,
    corsOrigins: effectivePolicy('cors_origins', { global }).value,
    callsAtOnce: effectivePolicy('calls_at_once', { global }).value,
    slowStartMs: Math.round(effectivePolicy('slow_start', { global }).value * 1000),
  }
}
