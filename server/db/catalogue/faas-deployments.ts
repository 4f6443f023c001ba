import type { Takes } from '../../domain/fleet/call-kind.ts'
import type { FaasAuth, FaasTls } from '../../domain/fleet/faas-auth.ts'
import type { Health } from '../../domain/fleet/failback.ts'
import type { HealthCause } from '../../domain/fleet/health-cause.ts'
import type { FaasKind, Payload } from '../../domain/fleet/platform.ts'
import type { CatalogueTx } from '../core/client.ts'
import type { Sql } from '../core/pool.ts'
import { Prisma } from '../generated/client.ts'
import { faasTlsColumns, listedFunctions } from '../terms/faas.ts'
import { healthColumns } from './health-columns.ts'

export type HealthRecord = {
  readonly health: Health
  readonly healthSince: Date | null
  readonly healthCause: HealthCause | null
  readonly healthDetail: string | null
  /** While it is coming back: when it is back, if no probe misses until then. */
  readonly backAt: Date | null
}
/** What probes found of a deployment. `addresses`: those that calls go to; none yet: no probe was made, or it found none. */
type Probed = HealthRecord & {
  readonly addresses: readonly string[]
  /** It answered 404 where its health is asked. */
  readonly lacksPath: boolean
}
/** What users say of a deployment; its secrets apart. */
export type FaasSettings = FaasTls & {
  readonly url: string
  readonly weight: number
  /** Null: the kind's own, here as of the payload. */
  readonly pathTemplate: string | null
  readonly payload: Payload | null
  readonly takes: Takes
  /** Empty: nobody said which it has. */
  readonly functions: readonly string[]
  /** Null: calls need no proof. */
  readonly auth: FaasAuth | null
}
export type FaasRecord = Probed &
  FaasSettings & {
    readonly id: string
    readonly clusterId: string
    readonly kind: FaasKind
    /** As its platform lists them; null: it does not. */
    readonly listed: readonly string[] | null
    /** Since when its platform refuses FaDO's key; null: it does not, as far as is known. */
    readonly refusedSince: Date | null
  }

/** As it is stored. */
const notProbed: Omit<Probed, 'backAt'> = {
  health: 'unknown',
  healthSince: null,
  healthCause: null,
  healthDetail: null,
  addresses: [],
  lacksPath: false,
}

const columns = `f.id, f.cluster_id AS "clusterId", f.kind, f.url, f.weight, f.path_template AS "pathTemplate", f.payload,
  f.takes, f.functions, ${listedFunctions('f')} AS listed, f.auth, ${faasTlsColumns('f')}, f.addresses, f.lacks_path AS "lacksPath",
  f.refused_since AS "refusedSince", ${healthColumns('f')}`

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

export type NewFaas = FaasSettings & Pick<FaasRecord, 'id' | 'clusterId' | 'kind'> & Sealed
/** Null: it needs no secrets. */
type Sealed = { readonly credentials: string | null }

/** The sealed secrets of a deployment. */
export async function faasCredentials(sql: Sql, id: string): Promise<string | null> {
  const { rows } = await sql.query<Sealed>('SELECT credentials FROM faas_deployment WHERE id = $1', [id])
  return rows[0]?.credentials ?? null
}

const stored = ({ skipVerify, auth, functions, ...settings }: FaasSettings & Sealed) => ({
  ...settings,
  functions: [...functions],
  skipTlsVerify: skipVerify,
  auth: auth ?? Prisma.DbNull,
})

export async function insertFaas(tx: CatalogueTx, { credentials, ...faas }: NewFaas): Promise<FaasRecord> {
  const { id, clusterId, kind, ...settings } = faas
  await tx.prisma.faasDeployment.create({ data: { id, clusterId, kind, ...stored({ ...settings, credentials }) } })
  tell(tx, id)
  return { ...faas, ...notProbed, backAt: null, listed: null, refusedSince: null }
}

/** Another url has to be probed anew; whether a key is taken the next call tells. */
export async function changeFaas(
  tx: CatalogueTx,
  faas: FaasRecord,
  { credentials, ...settings }: FaasSettings & Sealed,
): Promise<FaasRecord> {
  const moved = settings.url !== faas.url
  const unknown = moved ? { ...notProbed, listsFunctions: false, listedFunctions: [] } : {}
  await tx.prisma.faasDeployment.update({
    where: { id: faas.id },
    data: { ...stored({ ...settings, credentials }), ...unknown, refusedSince: null },
  })
  tell(tx, faas.id)
  return { ...faas, ...settings, ...(moved ? { ...notProbed, backAt: null, listed: null } : {}), refusedSince: null }
}

export async function deleteFaas(tx: CatalogueTx, id: string): Promise<void> {
  await tx.prisma.faasDeployment.delete({ where: { id } })
  tell(tx, id)
}
