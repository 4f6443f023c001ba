import type { FaasTls } from '../../domain/fleet/faas-auth.ts'
import type { FaasEndpoint } from '../../domain/route/routing-table.ts'
import type { Sql } from '../core/pool.ts'
import { faasTlsColumns, listedFunctions, withTls } from '../terms/faas.ts'
import { isDown, isReturning } from '../terms/health.ts'

/** A deployment whose secrets are sealed; null: it has none. */
export type StoredEndpoint = Omit<FaasEndpoint, 'secrets'> & { readonly sealed: string | null }

/** Every function deployment, as the proxies need it. */
export async function loadEndpoints(sql: Sql): Promise<StoredEndpoint[]> {
  type Row = Omit<StoredEndpoint, 'tls'> & FaasTls
  const { rows } = await sql.query<Row>(
    `SELECT f.id, c.name AS cluster, f.kind, f.url, f.addresses, f.weight, f.path_template AS "pathTemplate", f.payload,
       f.takes, f.functions, ${listedFunctions('f')} AS listed, f.auth, f.credentials AS sealed, ${faasTlsColumns('f')},
       CASE WHEN ${isDown('f')} OR ${isReturning('f')} THEN f.health ELSE 'healthy' END AS health
     FROM faas_deployment f JOIN cluster c ON c.id = f.cluster_id ORDER BY f.id`,
  )
  return rows.map(withTls)
}
