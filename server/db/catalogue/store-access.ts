import type { Sql } from '../core/pool.ts'

/** How a store is reached; the credentials are encrypted. */
export type SealedAccess = {
  readonly id: string
  readonly name: string
  readonly endpoint: string
  readonly publicEndpoint: string | null
  readonly region: string | null
  readonly credentials: string
}

/** The encrypted credentials of all stores. */
export async function sealedCredentials(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ credentials: string }>(
    `SELECT credentials FROM storage_deployment WHERE credentials <> ''`,
  )
  return rows.map((row) => row.credentials)
}

export async function loadSealedAccess(sql: Sql, id: string): Promise<SealedAccess | undefined> {
  const { rows } = await sql.query<SealedAccess>(
    `SELECT id, name, endpoint, public_endpoint AS "publicEndpoint", region, credentials
     FROM storage_deployment WHERE id = $1`,
    [id],
  )
  return rows[0]
}
