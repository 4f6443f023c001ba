// Who calls, as it is proven, and what the proxies are told of it.
import type { Caller, Callers } from '../../domain/callers/caller.ts'
import { effectivePolicy } from '../../domain/policy/effective.ts'
import type { Sql } from '../core/pool.ts'
import { globalPolicyValues } from '../policies/policy-values.ts'
import { type CallerRow, callerOf } from '../terms/callers.ts'

type NamedCaller = Caller & { readonly name: string }

/** What proves each of them, by their ids. */
export async function namedCallers(sql: Sql): Promise<NamedCaller[]> {
  const { rows } = await sql.query<CallerRow>(
    'SELECT id, name, kind, issuer, audiences, claims, authority, names FROM caller ORDER BY id',
  )
  return rows.map(callerOf)
}

/** Whether the policy of the fleet names callers. */
export async function fleetHidesBuckets(sql: Sql): Promise<boolean> {
  return effectivePolicy('callers', { global: await globalPolicyValues(sql) }).value.length > 0
}

/** All callers, by their ids, and whether the fleet hides its buckets. */
export async function loadCallers(sql: Sql): Promise<Callers & { readonly hidesBuckets: boolean }> {
  const callers = await namedCallers(sql)
  // Each key of FaDO's has a key pair of its own; all callers of another issuer have the same set.
  const keys = await sql.query<{ issuer: string; jwks: string }>(
    `SELECT issuer, jsonb_build_object('keys', jsonb_agg(DISTINCT key))::text AS jwks
     FROM caller, jsonb_array_elements(jwks::jsonb->'keys') AS key GROUP BY issuer`,
  )
  return {
    callers: callers.map(({ name: _, ...caller }) => caller),
    keys: Object.fromEntries(keys.rows.map(({ issuer, jwks }) => [issuer, jwks])),
    hidesBuckets: await fleetHidesBuckets(sql),
  }
}
