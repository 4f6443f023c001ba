// Who calls, as it is proven.
import type { Caller, CertificateCaller, TokenCaller } from '../../domain/callers/caller.ts'
import type { Sql } from '../core/pool.ts'

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
