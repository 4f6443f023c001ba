// Who calls, as it is proven, and what the proxies are told of it.
import type { Caller, Callers, CertificateCaller, TokenCaller } from '../../domain/callers/caller.ts'
import { effectivePolicy } from '../../domain/policy/effective.ts'
import type { Sql } from '../core/pool.ts'
import { globalPolicyValues } from '../policies/policy-values.ts'

type Named = { readonly name: string }
type StoredCaller =
  | (Named & TokenCaller & { readonly authority: null })
  | (Named & CertificateCaller & { readonly issuer: null })

/** What proves each of them, by their ids. */
export async function namedCallers(sql: Sql): Promise<(Caller & Named)[]> {
  const { rows } = await sql.query<StoredCaller>(
    'SELECT id, name, issuer, audiences, claims, authority, names FROM caller ORDER BY id',
  )
  return rows.map((row) => {
    const { id, name } = row
    if (row.authority !== null) return { id, name, authority: row.authority, names: row.names }
    return { id, name, issuer: row.issuer, audiences: row.audiences, claims: row.claims }
  })
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
