// Function deployments: where a cluster's functions are called.
import { v7 } from 'uuid'
import { changeCluster } from '../../db/catalogue/clusters.ts'
import {
  changeFaas,
  deleteFaas,
  type FaasRecord,
  type FaasSettings,
  faasByIds,
  faasCredentials,
  insertFaas,
} from '../../db/catalogue/faas-deployments.ts'
import { storagesOfClusters } from '../../db/catalogue/storage-deployments.ts'
import type { Sql } from '../../db/core/pool.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { FadoError } from '../../domain/errors.ts'
import type { FaasKind } from '../../domain/fleet/platform.ts'
import { openFaasCredentials, sealFaasCredentials } from '../../faas/credentials.ts'
import type { Actor } from '../shared/authorize.ts'
import { asDuplicate, beingDeleted, change, requireVersion } from '../shared/change.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { clusterOf, clusterToChange } from '../shared/find.ts'
import { refuseForbidden } from '../shared/refuse-forbidden.ts'
import { checkFaas, type FaasInput, newFaas, type WantedFaas } from './faas-settings.ts'

/** `expectedVersion` is that of the cluster, here as in the others. */
type Expected = { readonly expectedVersion?: number | null | undefined }
export type AddFaas = Expected & FaasInput & { readonly cluster: string; readonly kind: FaasKind; readonly url: string }
export type UpdateFaas = Expected & FaasInput & { readonly id: string }
export type RemoveFaas = Expected & { readonly id: string }

const taken = (error: unknown, url: string): unknown =>
  asDuplicate(error, { 'faas.url': { message: `There is a function deployment at ${url} already`, path: ['url'] } })

/** Whether a cluster has functions decides whether it may be given calls. */
async function markCluster(sql: Sql, clusterId: string): Promise<void> {
  for (const { id } of await storagesOfClusters(sql, [clusterId]))
    await markBuckets(sql, { kind: 'storage', storageId: id }, { intent: true })
}

async function faasToChange(sql: Sql, id: string): Promise<FaasRecord> {
  const [faas] = await faasByIds(sql, [id])
  if (faas === undefined) throw new FadoError('NOT_FOUND', 'There is no such function deployment', { path: ['id'] })
  return faas
}

/** For the audit: without secrets and long texts. */
function detailOf({ caCertificates, clientCertificate, functions, auth, ...said }: FaasSettings) {
  return {
    ...said,
    functions: [...functions],
    auth: auth === null ? null : { ...auth },
    ownAuthorities: caCertificates !== null,
    clientCertificate: clientCertificate !== null,
  }
}

function sealed({ secrets }: ServiceDeps, id: string, { credentials, ...settings }: WantedFaas) {
  return { settings, credentials: sealFaasCredentials(secrets, id, credentials) }
}

export async function addFaas(deps: ServiceDeps, actor: Actor, input: AddFaas): Promise<FaasRecord> {
  const { kind } = input
  const id = v7()
  const { settings, credentials } = sealed(deps, id, checkFaas(kind, newFaas, input))
  refuseForbidden(deps, settings.url, ['url'])
  return change(deps, actor, 'faasDeploymentAdd', async (tx) => {
    const cluster = await clusterToChange(tx, actor, input.cluster)
    requireVersion(input.expectedVersion, cluster.version, `The cluster ${cluster.name}`)
    if (cluster.state === 'deleting') throw beingDeleted(`The cluster ${cluster.name}`, ['cluster'])
    const faas = await insertFaas(tx, { id, clusterId: cluster.id, kind, ...settings, credentials })
    await changeCluster(tx, cluster)
    await markCluster(tx, cluster.id)
    return { result: faas, subject: cluster.name, detail: { kind, ...detailOf(settings) } }
  }).catch((error: unknown) => {
    throw taken(error, settings.url)
  })
}

/** Moves no route. */
export async function updateFaas(deps: ServiceDeps, actor: Actor, input: UpdateFaas): Promise<FaasRecord> {
  return change(deps, actor, 'faasDeploymentUpdate', async (tx) => {
    const { clusterId } = await faasToChange(tx, input.id)
    const cluster = await clusterOf(tx, actor, clusterId)
    requireVersion(input.expectedVersion, cluster.version, `The cluster ${cluster.name}`)
    const faas = await faasToChange(tx, input.id) // as it is under the cluster's lock
    const had = await faasCredentials(tx, faas.id)
    const before = { ...faas, credentials: () => openFaasCredentials(deps.secrets, faas.id, had) }
    const { settings, credentials } = sealed(deps, faas.id, checkFaas(faas.kind, before, input))
    if (settings.url !== faas.url) refuseForbidden(deps, settings.url, ['url'])
    const changed = await changeFaas(tx, faas, { ...settings, credentials })
    await changeCluster(tx, cluster)
    return { result: changed, subject: cluster.name, detail: detailOf(settings) }
  }).catch((error: unknown) => {
    throw taken(error, input.url ?? '')
  })
}

export async function removeFaas(deps: ServiceDeps, actor: Actor, input: RemoveFaas): Promise<string> {
  return change(deps, actor, 'faasDeploymentRemove', async (tx) => {
    const { clusterId } = await faasToChange(tx, input.id)
    const cluster = await clusterOf(tx, actor, clusterId)
    requireVersion(input.expectedVersion, cluster.version, `The cluster ${cluster.name}`)
    const faas = await faasToChange(tx, input.id)
    await deleteFaas(tx, faas.id)
    await changeCluster(tx, cluster)
    await markCluster(tx, cluster.id)
    return {
      result: faas.id,
      subject: cluster.name,
      detail: { url: faas.url },
    }
  })
}
