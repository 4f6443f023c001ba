// Function deployments: where a cluster's functions are called.
import { v7 } from 'uuid'
import { changeCluster } from '../../db/catalogue/clusters.ts'
import { changeFaas, deleteFaas, type FaasRecord, faasByIds, insertFaas } from '../../db/catalogue/faas-deployments.ts'
import { storagesOfClusters } from '../../db/catalogue/storage-deployments.ts'
import type { Sql } from '../../db/core/pool.ts'
import { markBuckets } from '../../db/queue/dirty-buckets.ts'
import { FadoError } from '../../domain/errors.ts'
import type { FaasKind } from '../../domain/fleet/platform.ts'
import type { Actor } from '../shared/authorize.ts'
import { asDuplicate, beingDeleted, change, requireVersion } from '../shared/change.ts'
import { checkBaseUrl, checkWeight } from '../shared/check-input.ts'
import type { ServiceDeps } from '../shared/deps.ts'
import { clusterOf, clusterToChange } from '../shared/find.ts'

/** `expectedVersion` is that of the cluster, here as in the others. */
type Expected = { readonly expectedVersion?: number | null | undefined }
export type AddFaas = Expected & {
  readonly cluster: string
  readonly kind: FaasKind
  readonly url: string
  readonly weight: number
}
export type UpdateFaas = Expected & {
  readonly id: string
  readonly url?: string | null | undefined
  readonly weight?: number | null | undefined
}
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

export async function addFaas(deps: ServiceDeps, actor: Actor, input: AddFaas): Promise<FaasRecord> {
  const url = checkBaseUrl(input.url, ['url'])
  checkWeight(input.weight, ['weight'])
  return change(deps, actor, 'faasDeploymentAdd', async (tx) => {
    const cluster = await clusterToChange(tx, actor, input.cluster)
    requireVersion(input.expectedVersion, cluster.version, `The cluster ${cluster.name}`)
    if (cluster.state === 'deleting') throw beingDeleted(`The cluster ${cluster.name}`, ['cluster'])
    const { kind, weight } = input
    const faas = await insertFaas(tx, { id: v7(), clusterId: cluster.id, kind, url, weight })
    await changeCluster(tx, cluster)
    await markCluster(tx, cluster.id)
    return {
      result: faas,
      subject: cluster.name,
      detail: { kind, url, weight },
    }
  }).catch((error: unknown) => {
    throw taken(error, url)
  })
}

/** Another address or weight moves no route. */
export async function updateFaas(deps: ServiceDeps, actor: Actor, input: UpdateFaas): Promise<FaasRecord> {
  const url = input.url ? checkBaseUrl(input.url, ['url']) : undefined
  if (typeof input.weight === 'number') checkWeight(input.weight, ['weight'])
  return change(deps, actor, 'faasDeploymentUpdate', async (tx) => {
    const { clusterId } = await faasToChange(tx, input.id)
    const cluster = await clusterOf(tx, actor, clusterId)
    requireVersion(input.expectedVersion, cluster.version, `The cluster ${cluster.name}`)
    const faas = await faasToChange(tx, input.id) // as it is under the cluster's lock
    const detail = { ...(url === undefined ? {} : { url }), ...(input.weight ? { weight: input.weight } : {}) }
    const changed = await changeFaas(tx, faas, detail)
    await changeCluster(tx, cluster)
    return { result: changed, subject: cluster.name, detail }
  }).catch((error: unknown) => {
    throw taken(error, url ?? '')
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
