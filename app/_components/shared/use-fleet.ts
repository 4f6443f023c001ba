'use client'
import { type CombinedError, useQuery } from 'urql'
import { type ClusterPartsFragment, FleetClustersDocument } from '../../../graphql/generated/operations.ts'

export type FleetQuery = {
  /** Undefined until they are known. */
  readonly clusters: readonly ClusterPartsFragment[] | undefined
  readonly error: CombinedError | undefined
  readonly retry: () => void
}

/** All clusters with their stores and functions. */
export function useFleet(): FleetQuery {
  const [{ data, error }, again] = useQuery({ query: FleetClustersDocument })
  const retry = () => again({ requestPolicy: 'network-only' })
  return { clusters: data?.clusters.nodes, error, retry }
}

export const zonesOf = (clusters: readonly ClusterPartsFragment[]): readonly string[] =>
  [...new Set(clusters.flatMap((cluster) => cluster.zones))].sort()

export const storesOf = (clusters: readonly ClusterPartsFragment[]): readonly string[] =>
  clusters.flatMap((cluster) => cluster.storageDeployments.map((store) => store.name)).sort()
