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
import { at } from './addresses.ts'
import type { DemoPorts } from './demo-ports.ts'
import { type DemoBucket, type DemoCluster, demoBuckets, demoClusters } from './fleet.ts'
import type { StoreCredentials } from './parts.ts'

export type SeedOptions = {
  readonly api: Api
  readonly ports: DemoPorts
  readonly credentials: StoreCredentials
  readonly signal: AbortSignal
}

/** What an earlier, broken-off run made stays as it is. */
async function unlessThere(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!(error instanceof CommandFailure && error.code === 'ALREADY_EXISTS')) throw error
  })
}

async function addCluster({ api, ports, credentials }: SeedOptions, { name, zones }: DemoCluster): Promise<void> {
  await unlessThere(
    api.run(CliClusterCreateDocument, { input: { name, zones } }).then((r) => accepted(r.clusterCreate)),
  )
  const store = { cluster: name, name, endpoint: at(ports.stores[name]), ...credentials }
  await unlessThere(
    api.run(CliStorageDeploymentAddDocument, { input: store }).then((r) => accepted(r.storageDeploymentAdd)),
  )
  // Several deployments of one address are allowed, so the API does not say that it is there.
  const { clusters } = await api.run(CliClustersDocument, { first: 100, after: null })
  const url = at(ports.functions[name])
  const known = clusters.nodes.find((cluster) => cluster.name === name)?.faasDeployments ?? []
  if (known.some((deployment) => deployment.url.replace(/\/$/, '') === url)) return
  const input = { cluster: name, kind: 'OPENFAAS' as const, url }
  accepted((await api.run(CliFaasDeploymentAddDocument, { input })).faasDeploymentAdd)
}

async function addBucket(options: SeedOptions, { name, master, policies, objects }: DemoBucket): Promise<void> {
  const { api, ports, credentials, signal } = options
  const input = { name, storageDeployment: master, policies }
  await unlessThere(api.run(CliBucketCreateDocument, { input }).then((r) => accepted(r.bucketCreate)))
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

export async function seedFleet(options: SeedOptions): Promise<void> {
  await Promise.all(demoClusters.map((cluster) => addCluster(options, cluster)))
  await Promise.all(demoBuckets.map((bucket) => addBucket(options, bucket)))
}
