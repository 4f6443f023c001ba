// What all clusters have together.
import type { ClusterPartsFragment } from '../../graphql/generated/operations.ts'

export const zonesOf = (clusters: readonly Pick<ClusterPartsFragment, 'zones'>[]): readonly string[] =>
  [...new Set(clusters.flatMap((cluster) => cluster.zones))].sort()

/** Their stores, by name. */
export const storesOf = (clusters: readonly Pick<ClusterPartsFragment, 'storageDeployments'>[]): readonly string[] =>
  clusters.flatMap((cluster) => cluster.storageDeployments.map((store) => store.name)).sort()
