import type { StoreAccess } from '../../domain/fleet/store-access.ts'
import type { Sql } from '../core/pool.ts'

/** How a store is reached; the credentials are encrypted. */
export type SealedAccess = StoreAccess & { readonly id: string; readonly name: string; readonly credentials: string }

/** The encrypted credentials of all stores and function deployments. */
export async function sealedCredentials(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ credentials: string }>(
    `SELECT credentials FROM storage_deployment WHERE credentials <> ''
     UNION ALL SELECT credentials FROM faas_deployment WHERE credentials IS NOT NULL`,
  )
  return rows.map((row) => row.credentials)
}

export async function loadSealedAccess(sql: Sql, id: string): Promise<SealedAccess | undefined> {
  const { rows } = await sql.query<SealedAccess>(
    `SELECT id, name, endpoint, public_endpoint AS "publicEndpoint", region, addressing,
       ca_certificates AS "caCertificates", skip_tls_verify AS "skipTlsVerify", credentials
     FROM storage_deployment WHERE id = $1`,
    [id],
  )
  return rows[0]
}
