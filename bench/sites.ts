// The three clusters of a demo as sites of their own: to the store of each leads one link, whoever uses it, FaDO's mover as well.
import type { DemoFile } from '../server/demo/demo-file.ts'
import { createStorageDriver } from '../server/storage/create-storage-driver.ts'
import { zones } from '../tests/support/churn/fleet.ts'
import { type ClusterName, type Fado, seenBucket, until } from '../tests/support/churn/world.ts'
import type { Site } from './reading-functions.ts'
import { type Shape, startWay } from './way.ts'

export type Sites = {
  readonly all: readonly (Site & { readonly cluster: ClusterName })[]
  /** Bytes that went over links so far, in both directions. */
  carried(): number
  /** Makes the clusters known. `ports`: of the function servers of each. */
  register(fado: Fado, ports: readonly number[]): Promise<void>
  stop(): Promise<void>
}

export async function startSites(demo: DemoFile, shape: Shape): Promise<Sites> {
  const links = await Promise.all(demo.stores.map(({ endpoint }) => startWay(endpoint, shape)))
  const driver = (store: DemoFile['stores'][number], endpoint: string) =>
    createStorageDriver({ ...store, endpoint, region: 'us-east-1' })
  const all = demo.stores.map((store, place) => ({
    cluster: store.name,
    store: driver(store, store.endpoint),
    overLink: driver(store, links[place]?.endpoint ?? ''),
  }))
  return {
    all,
    carried: () => links.reduce((sum, link) => sum + link.carried(), 0),
    async register(fado, ports) {
      for (const [place, { name, accessKey, secretKey }] of demo.stores.entries()) {
        const endpoint = links[place]?.endpoint
        await fado.must('ClusterCreate', { name, zones: zones[name] })
        await fado.must('StorageDeploymentAdd', { cluster: name, name, endpoint, accessKey, secretKey })
        const url = `http://127.0.0.1:${ports[place]}`
        await fado.must('FaasDeploymentAdd', { cluster: name, kind: 'OPENFAAS', url })
      }
    },
    async stop() {
      await Promise.all(all.flatMap(({ store, overLink }) => [store.close(), overLink.close()]))
      await Promise.all(links.map((link) => link.stop()))
    },
  }
}

/** Has the bucket on so many clusters, its master's among them, and waits until its calls go there. */
export async function place(fado: Fado, bucket: string, clusters: number): Promise<void> {
  const change = { scope: { bucket }, name: 'target_replica_count', value: clusters - 1 }
  await fado.must('PolicySet', change)
  await until(`${bucket} is on ${clusters} clusters`, async () => {
    const { replicas, route } = await seenBucket(fado, bucket)
    const inSync = replicas.filter(({ state }) => state === 'IN_SYNC').length
    return inSync === clusters - 1 && route.state === 'SERVING' && route.upstreams.length === clusters
  })
}
