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
