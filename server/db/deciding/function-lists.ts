import type { FaasAuth, FaasTls } from '../../domain/fleet/faas-auth.ts'
import type { FaasKind, Payload } from '../../domain/fleet/platform.ts'
import type { Pool, Sql } from '../core/pool.ts'
import { faasTlsColumns, listedFunctions, withTls } from '../terms/faas.ts'

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
    `SELECT f.id, f.kind, f.url, f.path_template AS "pathTemplate", f.payload, f.auth, f.credentials AS sealed,
       ${faasTlsColumns('f')}, ${listedFunctions('f')} AS listed
     FROM faas_deployment f WHERE cardinality(f.functions) = 0 ORDER BY f.id`,
  )
  return rows.map(withTls)
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
