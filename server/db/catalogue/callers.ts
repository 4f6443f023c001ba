import type { Caller, Claim } from '../../domain/callers/caller.ts'
import type { CatalogueTx } from '../core/client.ts'
import type { Sql } from '../core/pool.ts'

export type CallerRecord = { readonly id: string; readonly name: string; readonly kind: 'jwt' | 'key' }

/** `jwks`: public keys only. `jwksUrl`: where they came from; null: they were given. */
export type NewCaller = CallerRecord & {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly claims: readonly Claim[]
  readonly jwksUrl: string | null
  readonly jwks: string
}

export async function listCallers(sql: Sql): Promise<CallerRecord[]> {
  const { rows } = await sql.query<CallerRecord>('SELECT id, name, kind FROM caller ORDER BY name')
  return rows
}

export async function callersByIds(sql: Sql, ids: readonly string[]): Promise<CallerRecord[]> {
  const { rows } = await sql.query<CallerRecord>('SELECT id, name, kind FROM caller WHERE id = ANY($1::uuid[])', [ids])
  return rows
}

/** What proves each of them. */
export async function namedCallers(sql: Sql): Promise<(Caller & { readonly name: string })[]> {
  const { rows } = await sql.query<Caller & { name: string }>('SELECT id, name, issuer, audiences, claims FROM caller')
  return rows
}

export async function unknownCallers(sql: Sql, names: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>('SELECT name FROM caller WHERE name = ANY($1::text[])', [names])
  const known = new Set(rows.map((row) => row.name))
  return names.filter((name) => !known.has(name))
}

/** Where the keys of a known issuer come from; undefined: no caller has it. Two makers of one issuer wait for each other. */
export async function keysOfIssuer(
  sql: Sql,
  issuer: string,
): Promise<{ readonly jwksUrl: string | null; readonly jwks: string } | undefined> {
  await sql.query('LOCK TABLE caller IN SHARE ROW EXCLUSIVE MODE')
  const { rows } = await sql.query<{ jwksUrl: string | null; jwks: string }>(
    'SELECT jwks_url AS "jwksUrl", jwks FROM caller WHERE issuer = $1 LIMIT 1',
    [issuer],
  )
  return rows[0]
}

export async function insertCaller(tx: CatalogueTx, { audiences, claims, ...caller }: NewCaller): Promise<void> {
  const plain = claims.map(({ name, values }) => ({ name, values: [...values] }))
  await tx.prisma.caller.create({ data: { ...caller, audiences: [...audiences], claims: plain } })
}

/** Returns its id; undefined: there is none. */
export async function deleteCaller(sql: Sql, name: string): Promise<string | undefined> {
  const { rows } = await sql.query<{ id: string }>('DELETE FROM caller WHERE name = $1 RETURNING id', [name])
  return rows[0]?.id
}

/** The addresses at which issuers show their keys. */
export async function keyAddresses(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ url: string }>(
    'SELECT DISTINCT jwks_url AS url FROM caller WHERE jwks_url IS NOT NULL ORDER BY 1',
  )
  return rows.map(({ url }) => url)
}

/** Returns whether they are others than before. */
export async function replaceKeys(sql: Sql, url: string, jwks: string): Promise<boolean> {
  const { rows } = await sql.query<{ id: string }>(
    'UPDATE caller SET jwks = $2 WHERE jwks_url = $1 AND jwks <> $2 RETURNING id',
    [url, jwks],
  )
  return rows.length > 0
}
