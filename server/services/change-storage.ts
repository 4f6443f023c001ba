// Storage deployments: the stores of a cluster. They are tried before anything is stored.
import { v7 } from 'uuid'
import { type ClusterRecord, changeCluster } from '../db/clusters.ts'
import { markBuckets } from '../db/dirty-buckets.ts'
import { writeEvents } from '../db/events.ts'
import type { Sql } from '../db/pool.ts'
import {
  changeStorage,
  insertStorage,
  type SealedStorage,
  type StorageSettings,
  sealedStorage,
  startRemoval,
  storageTaken,
} from '../db/storage-deployments.ts'
import { bucketNameOn, bucketNameProblem } from '../domain/bucket-name.ts'
import { FadoError } from '../domain/errors.ts'
import { openCredentials, type StoreCredentials, sealCredentials } from '../secrets.ts'
import { type Actor, requireRole } from './authorize.ts'
import { asDuplicate, beingDeleted, change, notFound, requireVersion } from './change.ts'
import { checkLink, checkName, checkOrigin, checkText, invalid } from './check-input.ts'
import { refuseMasters } from './delete-cluster.ts'
import type { ServiceDeps } from './deps.ts'
import { clusterToChange, storageToChange } from './find.ts'
import { probeNewStore } from './probe-store.ts'

type Optional = string | null | undefined
type Address = { readonly region?: Optional; readonly publicEndpoint?: Optional; readonly managementUrl?: Optional }

export type AddStorage = StoreCredentials &
  Address & {
    readonly cluster: string
    readonly name: string
    readonly endpoint: string
    readonly bucketNameTemplate: string
    /** The cluster's. */
    readonly expectedVersion?: number | null | undefined
  }
export type UpdateStorage = Address & {
  readonly name: string
  readonly endpoint?: Optional
  readonly accessKey?: Optional
  readonly secretKey?: Optional
  readonly expectedVersion?: number | null | undefined
}
export type RemoveStorage = {
  readonly name: string
  readonly force: boolean
  readonly expectedVersion?: number | null | undefined
}

type Wanted = StoreCredentials & Pick<SealedStorage, 'endpoint' | 'publicEndpoint' | 'region' | 'managementUrl'>

/** Parsed and made one of a kind: addresses without what follows the port. */
function checkSettings(given: Wanted): Wanted {
  const endpoint = checkOrigin(given.endpoint, ['endpoint'])
  const publicEndpoint = given.publicEndpoint === null ? null : checkOrigin(given.publicEndpoint, ['publicEndpoint'])
  const managementUrl = given.managementUrl === null ? null : checkLink(given.managementUrl, ['managementUrl'])
  if (given.region !== null && !/^[A-Za-z0-9-]{1,64}$/.test(given.region))
    throw invalid('region must be 1 to 64 letters, digits and dashes', ['region'])
  checkText(given.accessKey, 1024, ['accessKey'])
  checkText(given.secretKey, 1024, ['secretKey'])
  return { ...given, endpoint, publicEndpoint, managementUrl }
}

const settingsOf = (
  deps: ServiceDeps,
  id: string,
  wanted: Wanted,
  capabilities: readonly string[],
): StorageSettings => ({
  endpoint: wanted.endpoint,
  publicEndpoint: wanted.publicEndpoint,
  region: wanted.region,
  managementUrl: wanted.managementUrl,
  capabilities,
  credentials: sealCredentials(deps.secrets, id, wanted),
})

/** For the audit: without the credentials. */
const detailOf = ({ endpoint, publicEndpoint, region, managementUrl, capabilities }: StorageSettings) => ({
  endpoint,
  publicEndpoint,
  region,
  managementUrl,
  capabilities,
})

const duplicates = (name: string, endpoint: string) => ({
  endpoint: { message: `There is a storage deployment at ${endpoint} already`, path: ['endpoint'] },
  name: { message: `There is a storage deployment ${name} already`, path: ['name'] },
})

/** Refuses what the database would refuse in the end, before the store is tried. */
async function checkNew(deps: ServiceDeps, actor: Actor, input: AddStorage, endpoint: string): Promise<void> {
  await deps.pool.transaction((sql) => activeCluster(sql, actor, input))
  const column = await storageTaken(deps.pool, input.name, endpoint)
  if (column === undefined) return
  const { message, path } = duplicates(input.name, endpoint)[column]
  throw new FadoError('ALREADY_EXISTS', message, { path })
}

async function activeCluster(sql: Sql, actor: Actor, input: AddStorage): Promise<ClusterRecord> {
  const cluster = await clusterToChange(sql, actor, input.cluster)
  requireVersion(input.expectedVersion, cluster.version, `The cluster ${cluster.name}`)
  if (cluster.state === 'deleting') throw beingDeleted(`The cluster ${cluster.name}`, ['cluster'])
  return cluster
}

/** Returns the id of the new store. */
export async function addStorage(deps: ServiceDeps, actor: Actor, input: AddStorage): Promise<string> {
  requireRole(actor, 'OPERATOR')
  const { name, bucketNameTemplate } = input
  checkName(name, ['name'])
  const problem = bucketNameProblem(bucketNameOn(bucketNameTemplate, 'bucket'))
  if (!bucketNameTemplate.includes('{bucket}') || problem !== undefined)
    throw invalid('bucketNameTemplate must hold {bucket} and make names of buckets', ['bucketNameTemplate'])
  const { region = null, publicEndpoint = null, managementUrl = null, endpoint, accessKey, secretKey } = input
  const wanted = checkSettings({ endpoint, accessKey, secretKey, region, publicEndpoint, managementUrl })
  await checkNew(deps, actor, input, wanted.endpoint)
  const { capabilities } = await probeNewStore(deps, wanted)

  return change(deps, actor, 'storageDeploymentAdd', async (writer) => {
    const cluster = await activeCluster(writer.sql, actor, input)
    const id = v7()
    const settings = settingsOf(deps, id, wanted, capabilities)
    await insertStorage(writer, { ...settings, id, clusterId: cluster.id, name, bucketNameTemplate })
    await changeCluster(writer.tx, cluster)
    await markBuckets(writer.sql, { kind: 'all' }) // it may take copies that had no place
    await writeEvents(writer.sql, 'storage', [id])
    const detail = { cluster: cluster.name, bucketNameTemplate, ...detailOf(settings) }
    return { result: id, subject: name, detail, wake: ['bucket'] }
  }).catch((error: unknown) => {
    throw asDuplicate(error, duplicates(name, wanted.endpoint))
  })
}

/** What is left out stays as it was; given as null it is taken away where it may be. */
function merge(stored: SealedStorage, credentials: StoreCredentials, input: UpdateStorage): Wanted {
  const or = <T>(given: T | undefined, present: T): T => (given === undefined ? present : given)
  return {
    endpoint: input.endpoint ?? stored.endpoint,
    accessKey: input.accessKey ?? credentials.accessKey,
    secretKey: input.secretKey ?? credentials.secretKey,
    region: or(input.region, stored.region),
    publicEndpoint: or(input.publicEndpoint, stored.publicEndpoint),
    managementUrl: or(input.managementUrl, stored.managementUrl),
  }
}

/** With both keys given the present ones need not be readable: so a lost secret key is cured. */
function presentCredentials(deps: ServiceDeps, stored: SealedStorage, input: UpdateStorage): StoreCredentials {
  const { accessKey, secretKey } = input
  return accessKey && secretKey
    ? { accessKey, secretKey }
    : openCredentials(deps.secrets, stored.id, stored.credentials)
}

/** Returns the store's id. */
export async function updateStorage(deps: ServiceDeps, actor: Actor, input: UpdateStorage): Promise<string> {
  requireRole(actor, 'OPERATOR')
  const { name, expectedVersion } = input
  const stored = await sealedStorage(deps.pool, name)
  if (stored === undefined) throw notFound('storage deployment', name, ['name'])
  requireVersion(expectedVersion, stored.version, `The storage deployment ${name}`)
  await deps.pool.transaction((sql) => storageToChange(sql, actor, stored.clusterId, name)) // before the store is tried
  const wanted = checkSettings(merge(stored, presentCredentials(deps, stored, input), input))
  const { capabilities } = await probeNewStore(deps, wanted, stored.id)

  return change(deps, actor, 'storageDeploymentUpdate', async ({ tx, sql }) => {
    const { storage } = await storageToChange(sql, actor, stored.clusterId, name)
    // What was probed is what was read: a change that came between would be lost.
    requireVersion(stored.version, storage.version, `The storage deployment ${name}`)
    if (storage.state === 'deleting') throw beingDeleted(`The storage deployment ${name}`, ['name'])
    const settings = settingsOf(deps, storage.id, wanted, capabilities)
    await changeStorage(tx, storage, settings)
    await markBuckets(sql, { kind: 'storage', storageId: storage.id })
    await writeEvents(sql, 'storage', [storage.id])
    const credentialsChanged = Boolean(input.accessKey ?? input.secretKey)
    const detail = { ...detailOf(settings), credentialsChanged }
    return { result: storage.id, subject: name, detail, wake: ['bucket', 'task', 'object'] }
  }).catch((error: unknown) => {
    throw asDuplicate(error, duplicates(name, wanted.endpoint))
  })
}

/** Replicas there are evicted first. `force` forgets a store that cannot be reached. Returns its id. */
export async function removeStorage(deps: ServiceDeps, actor: Actor, input: RemoveStorage): Promise<string> {
  const { name, force, expectedVersion } = input
  const stored = await sealedStorage(deps.pool, name)
  return change(deps, actor, 'storageDeploymentRemove', async ({ tx, sql }) => {
    if (stored === undefined) throw notFound('storage deployment', name, ['name'])
    const { cluster, storage } = await storageToChange(sql, actor, stored.clusterId, name)
    const known = `The storage deployment ${name}`
    if (storage.state !== 'deleting') requireVersion(expectedVersion, storage.version, known)
    await refuseMasters(sql, [storage.id], known, ['name'])
    if (storage.state !== 'deleting') await changeCluster(tx, cluster)
    await startRemoval(sql, [storage.id], force)
    // All: a copy that is just being decided is in no table yet.
    await markBuckets(sql, { kind: 'all' }, { intent: true, narrowing: true })
    await writeEvents(sql, 'storage', [storage.id])
    return { result: storage.id, subject: name, detail: { force }, wake: ['bucket'] }
  })
}
