import { effectivePolicy } from '../../domain/policy/effective.ts'
import type { Sql } from '../core/pool.ts'
import { globalPolicyValues } from '../policies/policy-values.ts'

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
