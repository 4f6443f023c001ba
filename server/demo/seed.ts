// Makes the demo's fleet through the API and the stores, as a user would. May be broken off at any point and run again.
import {
  CliBucketCreateDocument,
  CliClusterCreateDocument,
  CliClustersDocument,
  CliFaasDeploymentAddDocument,
  CliStorageDeploymentAddDocument,
} from '../../graphql/generated/operations.ts'
import { type Api, accepted } from '../cli/api.ts'
import { CommandFailure } from '../cli/failure.ts'
import { createStorageDriver } from '../storage/create-storage-driver.ts'
import { StorageError } from '../storage/storage-error.ts'
import { at } from './addresses.ts'
import type { ClusterName, DemoPorts } from './demo-ports.ts'
import { type DemoBucket, type DemoCluster, demoBuckets, demoClusters } from './fleet.ts'
import type { DemoStoreKeys } from './parts.ts'

export type SeedOptions = {
  readonly api: Api
  readonly ports: DemoPorts
  readonly credentials: DemoStoreKeys
  readonly signal: AbortSignal
  /** A part of the fleet that could not be made, because the user has made something else there. */
  readonly tell: (text: string) => void
}

/** Whether it is there now: made, or by an earlier run that was broken off. What else is in its way is told. */
async function made({ tell }: SeedOptions, what: string, work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (!(error instanceof CommandFailure && error.code !== undefined)) throw error
    if (error.code === 'ALREADY_EXISTS') return true
    tell(`${what} is left out: ${error.message}`)
    return false
  }
}

async function addFunctions({ api, ports }: SeedOptions, cluster: ClusterName): Promise<void> {
  // Several deployments of one address are allowed, so the API does not say that it is there.
  const { clusters } = await api.run(CliClustersDocument, { first: 100, after: null })
  const url = at(ports.functions[cluster])
  const known = clusters.nodes.find(({ name }) => name === cluster)?.faasDeployments ?? []
  if (known.some((deployment) => deployment.url.replace(/\/$/, '') === url)) return
  accepted(
    (await api.run(CliFaasDeploymentAddDocument, { input: { cluster, kind: 'OPENFAAS', url } })).faasDeploymentAdd,
  )
}

async function addCluster(options: SeedOptions, { name, zones }: DemoCluster): Promise<void> {
  const { api, ports, credentials } = options
  const create = api.run(CliClusterCreateDocument, { input: { name, zones } }).then((r) => accepted(r.clusterCreate))
  if (!(await made(options, `cluster ${name}`, create))) return
  const input = { cluster: name, name, endpoint: at(ports.stores[name]), ...credentials }
  const add = api.run(CliStorageDeploymentAddDocument, { input }).then((r) => accepted(r.storageDeploymentAdd))
  await made(options, `store ${name}`, add)
  await made(options, `functions of ${name}`, addFunctions(options, name))
}

async function putObjects({ ports, credentials, signal }: SeedOptions, { name, master, objects }: DemoBucket) {
  const store = createStorageDriver({ endpoint: at(ports.stores[master]), region: 'us-east-1', ...credentials })
  try {
    for (const { key, body, contentType, metadata } of objects()) {
      const headers = { 'content-type': contentType, ...metadata }
      await store.put(name, key, { body, size: body.length, metadata: headers, signal })
    }
  } finally {
    await store.close()
  }
}

async function addBucket(options: SeedOptions, bucket: DemoBucket): Promise<void> {
  const { name, master, policies } = bucket
  const input = { name, storageDeployment: master, policies }
  const create = options.api.run(CliBucketCreateDocument, { input }).then((r) => accepted(r.bucketCreate))
  if (!(await made(options, `bucket ${name}`, create))) return
  await putObjects(options, bucket).catch((error: unknown) => {
    if (!(error instanceof StorageError) || options.signal.aborted) throw error
    options.tell(`objects of ${name} are left out: ${error.message}`)
  })
}

export async function seedFleet(options: SeedOptions): Promise<void> {
  await Promise.all(demoClusters.map((cluster) => addCluster(options, cluster)))
  await Promise.all(demoBuckets.map((bucket) => addBucket(options, bucket)))
}
