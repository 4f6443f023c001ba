// Why no calls go to a copy, where that is for its store or its functions.
import type { BucketPartsFragment } from '../../graphql/generated/operations.ts'
import { isComingBack, type KnownCluster } from './health.ts'
import { sharesOf } from './shares.ts'

/** The store that a copy lies on. */
type Place = { readonly id: string; readonly cluster: { readonly id: string } }

/** `isRouted`: its data may serve. Null: calls go there, or it is for something else. */
export function uncalledWords(
  bucket: BucketPartsFragment,
  clusters: readonly KnownCluster[],
  { id, cluster: { id: clusterId } }: Place,
  isRouted: boolean,
): string | null {
  const home = clusters.find((cluster) => cluster.id === clusterId)
  if (home === undefined) return null
  const { faasDeployments: functions } = home
  if (functions.length === 0) return 'no functions'
  if (!isRouted) {
    const store = home.storageDeployments.find((one) => one.id === id)
    if (store?.health.status === 'UNHEALTHY') return 'its store is down'
    return store && isComingBack(store) ? 'its store is coming back' : null
  }
  if (sharesOf(bucket, clusters).every(({ cluster, weight }) => cluster.id !== clusterId || weight > 0)) return null
  // Those that are well take the calls of what is coming back.
  return functions.some(isComingBack) ? 'its functions are coming back' : 'its functions do not answer'
}
