'use client'
import { useMemo } from 'react'
import { type CombinedError, useQuery } from 'urql'
import {
  type RingClusterFragment,
  RingClustersDocument,
  RingLinksDocument,
} from '../../../graphql/generated/operations.ts'
import { type RingLink, ringLinks } from '../../_lib/topology/ring-links.ts'
import { useEvery } from '../../_lib/use-every.ts'

/** Figures of links change all the time and are no events; those of stores change slowly, and idle links are the most. */
const usedEveryMs = 2_000
const clustersEveryMs = 10_000
const allEveryMs = 30_000

export type RingData = {
  /** Undefined until they are known. */
  readonly fleet: { readonly clusters: readonly RingClusterFragment[]; readonly total: number } | undefined
  readonly links: readonly RingLink[] | undefined
  readonly error: CombinedError | undefined
  readonly retry: () => void
}

const again = { requestPolicy: 'network-only' } as const

/** Clusters and the links between them, kept as they are now by as little as can be asked. */
export function useRingData(): RingData {
  const [clusters, askClusters] = useQuery({ query: RingClustersDocument })
  const [used, askUsed] = useQuery({ query: RingLinksDocument, variables: { used: true } })
  const [all, askAll] = useQuery({ query: RingLinksDocument, variables: { used: false } })
  useEvery(usedEveryMs, true, () => {
    if (!document.hidden) askUsed(again)
  })
  useEvery(clustersEveryMs, true, () => {
    if (!document.hidden) askClusters(again)
  })
  useEvery(allEveryMs, true, () => {
    if (!document.hidden) askAll(again)
  })
  const known = clusters.data?.clusters
  const links = useMemo(
    () => known && used.data && ringLinks(used.data.links, all.data?.links ?? [], known.nodes),
    [known, used.data, all.data],
  )
  const isWhole = known !== undefined && used.data !== undefined
  return {
    fleet: known && { clusters: known.nodes, total: known.totalCount },
    links,
    error: isWhole ? undefined : (clusters.error ?? used.error),
    retry: () => {
      askClusters(again)
      askUsed(again)
      askAll(again)
    },
  }
}
