'use client'
import { useSearchParams } from 'next/navigation'
import { useQuery } from 'urql'
import { BucketDetailDocument } from '../../../graphql/generated/operations.ts'
import { agedBucket } from '../../_lib/aged.ts'
import { parseTopologyQuery, type TopologyQuery, topologyHref } from '../../_lib/topology/topology-query.ts'
import { topologySentence } from '../../_lib/topology/words.ts'
import { bucketSentence } from '../../_lib/words.ts'
import { FirstSteps } from '../fleet/first-steps.tsx'
import { Live } from '../shared/live.tsx'
import { Problem } from '../shared/problem.tsx'
import { Said } from '../shared/said.tsx'
import { SkeletonSentence } from '../shared/skeleton.tsx'
import { Screen } from '../shell/screen.tsx'
import { useNow } from '../shell/use-now.ts'
import { RingSkeleton } from './ring-skeleton.tsx'
import { TopologyBody } from './topology-body.tsx'
import { TopologyFilters } from './topology-filters.tsx'
import { useCalls } from './use-calls.ts'
import { useRingData } from './use-ring-data.ts'

/** Clusters by zone, the copies that move between them, and calls. */
export function TopologyScreen() {
  const query = parseTopologyQuery(useSearchParams())
  const { fleet, links, error, retry } = useRingData()
  const [picked] = useQuery({
    query: BucketDetailDocument,
    variables: { name: query.bucket },
    pause: query.bucket === '',
  })
  const calls = useCalls(query.bucket === '' ? null : query.bucket)
  const now = useNow()
  // Nothing of the server is asked for another address of this page: a choice is seen at once.
  const change = (next: Partial<TopologyQuery>) => window.history.replaceState(null, '', topologyHref(query, next))
  if (error) {
    return (
      <Screen title="Topology">
        <Problem error={error} what="The topology" onRetry={retry} />
      </Screen>
    )
  }
  if (!fleet || !links) {
    return (
      <Screen title="Topology">
        <SkeletonSentence />
        <RingSkeleton />
      </Screen>
    )
  }
  if (fleet.clusters.length === 0) {
    return (
      <Screen title="Topology">
        <FirstSteps />
      </Screen>
    )
  }
  // Of a bucket that was chosen before the answer about another one may still stand.
  const found = query.bucket === '' || picked.data?.bucket?.name !== query.bucket ? null : picked.data.bucket
  const bucket = found && agedBucket(found, now)
  const isMissing = query.bucket !== '' && picked.data?.bucket === null && !picked.fetching
  return (
    <Screen title="Topology">
      {query.bucket !== '' && <Live bucket={query.bucket} />}
      <p className="sentence mb-4">
        {isMissing ? (
          <>
            No bucket is called <code>{query.bucket}</code>.
          </>
        ) : (
          <Said
            parts={bucket ? bucketSentence(bucket, fleet.clusters, now) : topologySentence(fleet.clusters, links)}
          />
        )}
      </p>
      <TopologyFilters query={query} clusters={fleet.clusters} hasCalls={calls !== undefined} onChange={change} />
      <TopologyBody
        query={query}
        fleet={fleet}
        links={links}
        bucket={bucket}
        calls={query.calls ? calls : undefined}
        onChange={change}
      />
    </Screen>
  )
}
