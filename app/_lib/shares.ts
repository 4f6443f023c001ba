// What part of a bucket's calls each cluster takes now. A route keeps a cluster whose functions do not answer: Envoy
// passes it over until they do.
import type { BucketPartsFragment } from '../../graphql/generated/operations.ts'
import { type KnownCluster, takersOf } from './health.ts'
import { isInOrder } from './lb-policies.ts'

export type Share = {
  readonly cluster: { readonly id: string; readonly name: string }
  readonly isMaster: boolean
  /** Of the function deployments that take calls; 0 when none does. */
  readonly weight: number
  /** Clusters are asked in order, and one before it takes all calls. */
  readonly waits: boolean
}

/** Its part of the sum, in words: of a deployment that lacks functions the others take the calls, so it is no percentage. */
export const weightWords = (weight: number, sum: number): string => `weight ${weight} of ${sum}`

export function sharesOf(bucket: BucketPartsFragment, clusters: readonly KnownCluster[]): readonly Share[] {
  const home = bucket.master.storageDeployment.cluster.id
  const functionsOf = (id: string) => clusters.find((one) => one.id === id)?.faasDeployments
  const inOrder = isInOrder(bucket.route.lbPolicy)
  const all = bucket.route.upstreams.map(({ cluster }) => functionsOf(cluster.id) ?? [])
  // In order each cluster is asked by itself, so what is coming back there has nobody beside it.
  const takers = inOrder ? all.flatMap(takersOf) : takersOf(all.flat())
  let taken = false
  return bucket.route.upstreams.map(({ cluster, weight }) => {
    const taking = functionsOf(cluster.id)?.filter((one) => takers.includes(one))
    const sum = taking?.reduce((all, one) => all + one.weight, 0)
    const share = { cluster, isMaster: cluster.id === home, weight: sum ?? weight, waits: taken }
    taken ||= inOrder && share.weight > 0
    return share
  })
}
