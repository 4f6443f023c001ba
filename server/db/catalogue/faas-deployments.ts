import type { HealthCause } from '../../domain/fleet/health-cause.ts'
import type { FaasKind } from '../../domain/fleet/platform.ts'
import type { CatalogueTx } from '../core/client.ts'
import type { Sql } from '../core/pool.ts'

export type HealthRecord = {
  readonly health: 'unknown' | 'healthy' | 'unhealthy'
  readonly healthSince: Date | null
  readonly healthCause: HealthCause | null
  readonly healthDetail: string | null
}
export type FaasRecord = HealthRecord & {
  readonly id: string
  readonly clusterId: string
  readonly kind: FaasKind
  readonly url: string
  readonly weight: number
}

const notProbed: HealthRecord = { health: 'unknown', healthSince: null, healthCause: null, healthDetail: null }

const columns = `f.id, f.cluster_id AS "clusterId", f.kind, f.url, f.weight, f.health,
  f.health_since AS "healthSince", f.health_cause AS "healthCause", f.health_detail AS "healthDetail"`

async function select(sql: Sql, rest: string, values: unknown[]): Promise<FaasRecord[]> {
  const { rows } = await sql.query<FaasRecord>(`SELECT ${columns} FROM faas_deployment f ${rest}`, values)
  return rows
}

export const faasByIds = (sql: Sql, ids: readonly string[]): Promise<FaasRecord[]> =>
  select(sql, 'WHERE f.id = ANY($1::uuid[])', [ids])

/** In the order in which they were added. */
export const faasOfClusters = (sql: Sql, clusterIds: readonly string[]): Promise<FaasRecord[]> =>
  select(sql, 'WHERE f.cluster_id = ANY($1::uuid[]) ORDER BY f.id', [clusterIds])

/** Proxies call it otherwise, or no more; what is new is probed at once. */
function tell(tx: CatalogueTx, id: string): void {
  tx.changed('faas', [id])
  tx.wake('endpoints')
  tx.wake('functions')
}

export type NewFaas = Pick<FaasRecord, 'id' | 'clusterId' | 'kind' | 'url' | 'weight'>

export async function insertFaas(tx: CatalogueTx, faas: NewFaas): Promise<FaasRecord> {
  await tx.prisma.faasDeployment.create({ data: faas })
  tell(tx, faas.id)
  return { ...faas, ...notProbed }
}

/** Another address has to be probed anew. */
export async function changeFaas(
  tx: CatalogueTx,
  faas: FaasRecord,
  change: { readonly url?: string; readonly weight?: number },
): Promise<FaasRecord> {
  const moved = change.url !== undefined && change.url !== faas.url
  const unknown = moved ? { ...notProbed, address: null } : {}
  await tx.prisma.faasDeployment.update({ where: { id: faas.id }, data: { ...change, ...unknown } })
  tell(tx, faas.id)
  return { ...faas, ...change, ...(moved ? notProbed : {}) }
}

export async function deleteFaas(tx: CatalogueTx, id: string): Promise<void> {
  await tx.prisma.faasDeployment.delete({ where: { id } })
  tell(tx, id)
}
