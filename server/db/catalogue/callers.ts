import type { CatalogueTx } from '../core/client.ts'
import type { Sql } from '../core/pool.ts'
import { columnsOf, type Known, type StoredKind } from '../terms/callers.ts'

export type CallerRecord = { readonly id: string; readonly name: string; readonly kind: StoredKind }

export type NewCaller = Omit<CallerRecord, 'kind'> & { readonly known: Known }

export async function listCallers(sql: Sql): Promise<CallerRecord[]> {
  const { rows } = await sql.query<CallerRecord>('SELECT id, name, kind FROM caller ORDER BY name')
  return rows
}

export async function callersByIds(sql: Sql, ids: readonly string[]): Promise<CallerRecord[]> {
  const { rows } = await sql.query<CallerRecord>('SELECT id, name, kind FROM caller WHERE id = ANY($1::uuid[])', [ids])
  return rows
}

/** Values of the policy callers, as users set them. */
export type CallerValues = {
  /** The one for all buckets is among them. */
  readonly all: boolean
  /** How many buckets have a value of their own that is. */
  readonly buckets: number
  /** The first ten of them, by name. */
  readonly some: readonly string[]
}

/** Those that have a caller's name: policies keep the name of one that is deleted. */
export type CallerNaming = CallerValues & {
  /** Those of them that name no other caller that there is: without it nobody is let in there. */
  readonly alone: CallerValues
}

/** SQL: `CallerValues` of the values `v` for which this holds. */
const values = (holds: string): string =>
  `jsonb_build_object(
     'all', COALESCE(bool_or(v.scope = 'global' AND ${holds}), false),
     'buckets', count(*) FILTER (WHERE v.bucket IS NOT NULL AND ${holds}),
     'some', to_jsonb((COALESCE(array_agg(v.bucket ORDER BY v.bucket) FILTER (WHERE v.bucket IS NOT NULL AND ${holds}), '{}'))[1:10]))`

/** Of the callers with these names, in this order. */
export async function namingOfCallers(sql: Sql, names: readonly string[]): Promise<CallerNaming[]> {
  const { rows } = await sql.query<{ caller: string; naming: CallerValues; alone: CallerValues }>(
    `WITH v AS (
       SELECT caller, p.scope, b.name AS bucket,
         NOT EXISTS (SELECT 1 FROM caller c WHERE p.value ? c.name AND c.name <> caller) AS alone
       FROM policy_value p CROSS JOIN LATERAL jsonb_array_elements_text(p.value) AS caller
         LEFT JOIN bucket b ON p.scope = 'bucket' AND b.id = p.scope_id
       WHERE p.name = 'callers' AND caller = ANY($1::text[]))
     SELECT v.caller, ${values('true')} AS naming, ${values('v.alone')} AS alone FROM v GROUP BY v.caller`,
    [names],
  )
  const found = new Map(rows.map(({ caller, naming, alone }) => [caller, { ...naming, alone }]))
  return names.map((name) => found.get(name) ?? namedByNobody)
}

const noValues: CallerValues = { all: false, buckets: 0, some: [] }
export const namedByNobody: CallerNaming = { ...noValues, alone: noValues }

export async function unknownCallers(sql: Sql, names: readonly string[]): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>('SELECT name FROM caller WHERE name = ANY($1::text[])', [names])
  const known = new Set(rows.map((row) => row.name))
  return names.filter((name) => !known.has(name))
}

/** Two makers of what must be alike wait for each other, until the end of the transaction of whoever asks first. */
const lockCallers = (sql: Sql) => sql.query('LOCK TABLE caller IN SHARE ROW EXCLUSIVE MODE')

/** For who makes another caller of it: where the keys of an issuer come from; undefined: no caller has it. Locks callers. */
export async function keysOfIssuer(
  sql: Sql,
  issuer: string,
): Promise<{ readonly jwksUrl: string | null; readonly jwks: string } | undefined> {
  await lockCallers(sql)
  const { rows } = await sql.query<{ jwksUrl: string | null; jwks: string }>(
    'SELECT jwks_url AS "jwksUrl", jwks FROM caller WHERE issuer = $1 LIMIT 1',
    [issuer],
  )
  return rows[0]
}

/** For who makes another: who signs the certificates of callers, in PEM; undefined: no caller is known by one. Locks callers. */
export async function knownAuthority(sql: Sql): Promise<string | undefined> {
  await lockCallers(sql)
  const { rows } = await sql.query<{ authority: string }>(
    'SELECT authority FROM caller WHERE authority IS NOT NULL LIMIT 1',
  )
  return rows[0]?.authority
}

export async function insertCaller(tx: CatalogueTx, { id, name, known }: NewCaller): Promise<void> {
  await tx.prisma.caller.create({ data: { id, name, kind: known.kind, ...columnsOf(known) } })
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
