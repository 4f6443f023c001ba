import type { FaasAuth, FaasTls } from '../../domain/fleet/faas-auth.ts'
import type { FaasKind, Payload } from '../../domain/fleet/platform.ts'
import type { Pool, Sql } from '../core/pool.ts'

/** A deployment of which nobody said which functions it has. */
export type Unlisted = {
  readonly id: string
  readonly kind: FaasKind
  readonly url: string
  readonly pathTemplate: string | null
  readonly payload: Payload | null
  readonly auth: FaasAuth | null
  readonly tls: FaasTls
  readonly sealed: string | null
  /** As it last told; null: it did not. */
  readonly listed: readonly string[] | null
}

export async function deploymentsToList(sql: Sql): Promise<Unlisted[]> {
  const { rows } = await sql.query<Omit<Unlisted, 'tls'> & FaasTls>(
    `SELECT id, kind, url, path_template AS "pathTemplate", payload, auth, credentials AS sealed,
       ca_certificates AS "caCertificates", skip_tls_verify AS "skipVerify", client_certificate AS "clientCertificate",
       CASE WHEN lists_functions THEN listed_functions END AS listed
     FROM faas_deployment WHERE cardinality(functions) = 0 ORDER BY id`,
  )
  return rows.map(({ caCertificates, skipVerify, clientCertificate, ...row }) => ({
    ...row,
    tls: { caCertificates, skipVerify, clientCertificate },
  }))
}

/** `functions`: null where the platform does not tell. */
export async function writeFunctionList(pool: Pool, id: string, functions: readonly string[] | null): Promise<void> {
  await pool.transaction(async (tx) => {
    const { rowCount } = await tx.query(
      `UPDATE faas_deployment SET lists_functions = $2, listed_functions = $3
       WHERE id = $1 AND (lists_functions, listed_functions) IS DISTINCT FROM ($2, $3::text[])`,
      [id, functions !== null, functions ?? []],
    )
    if (!rowCount) return
    tx.changed('faas', [id])
    tx.wake('endpoints')
  })
}
