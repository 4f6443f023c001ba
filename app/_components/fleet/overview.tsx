'use client'
import { useEffect } from 'react'
import { useQuery, useSubscription } from 'urql'
import {
  ClosedBucketsDocument,
  ConnectedProxiesDocument,
  LiveProxiesDocument,
  LiveRoutesDocument,
  OverviewDocument,
  type OverviewQuery,
  ReplicationLinksDocument,
  type WaitingPartsFragment,
  WaitingReplicasDocument,
} from '../../../graphql/generated/operations.ts'
import { aboutWhenOf } from '../../_lib/about-when.ts'
import { attention } from '../../_lib/attention.ts'
import type { LiveReplica } from '../../_lib/attention-item.ts'
import { isNotice } from '../../_lib/attention-item.ts'
import { heldOf } from '../../_lib/held.ts'
import { isMoving } from '../../_lib/moving.ts'
import { useEvery } from '../../_lib/use-every.ts'
import { fleetSentence } from '../../_lib/words.ts'
import { Calls } from '../calls/calls.tsx'
import { Problem } from '../shared/problem.tsx'
import { Said } from '../shared/said.tsx'
import { SkeletonSentence, SkeletonTable } from '../shared/skeleton.tsx'
import { useFleet } from '../shared/use-fleet.ts'
import { Screen } from '../shell/screen.tsx'
import { AttentionList } from './attention-list.tsx'
import { ClusterTable } from './cluster-table.tsx'
import { FirstSteps } from './first-steps.tsx'
import { MovingList } from './moving-list.tsx'
import { OverviewBuckets } from './overview-buckets.tsx'
import { Totals } from './totals.tsx'
import { useBusyReplicas } from './use-busy-replicas.ts'

/** Is everything where it should be, what is moving, what is wrong and why. */
export function Overview() {
  const { clusters, error, retry } = useFleet()
  const [buckets, again] = useQuery({ query: OverviewDocument })
  const [closed] = useQuery({ query: ClosedBucketsDocument })
  const [proxies] = useQuery({ query: ConnectedProxiesDocument })
  useSubscription({ query: LiveRoutesDocument, variables: {} })
  useSubscription({ query: LiveProxiesDocument })
  const links = useLinks()
  const busy = useBusyReplicas() ?? []
  const waiting = useWaiting(busy)

  const failed = clusters && buckets.data ? undefined : (error ?? buckets.error)
  if (failed) {
    const retryAll = () => {
      retry()
      again({ requestPolicy: 'network-only' })
    }
    return (
      <Screen title="Overview">
        <Problem error={failed} what="The fleet" onRetry={retryAll} />
      </Screen>
    )
  }
  if (!clusters || !buckets.data) {
    return (
      <Screen title="Overview">
        <SkeletonSentence />
        <SkeletonTable columns={['Cluster', 'Zones', 'Functions', 'Store', 'Objects', 'Stored']} />
      </Screen>
    )
  }
  if (clusters.length === 0) {
    return (
      <Screen title="Overview">
        <FirstSteps />
      </Screen>
    )
  }
  const { data } = buckets
  const held = waiting && heldOf(waiting)
  const wrong = wrongBuckets(data)
  const things = attention({
    clusters,
    buckets: troubled(data),
    troubleIsWhole: wrong.exact,
    closed: closed.data?.buckets,
    replicas: busy,
    held: held ?? heldOf([]),
    seen: { buckets: data.all.nodes, total: data.all.totalCount },
    proxies: proxies.data?.proxies,
    links,
  })
  const moving = busy.filter((one) => isMoving(one) && held?.has(one.id) === false)
  const sentence = fleetSentence({
    clusters: clusters.length,
    buckets: data.all.totalCount,
    ...wrong,
    moving: moving.length,
    attention: things.filter((thing) => !isNotice(thing)).length,
  })
  return (
    <Screen title="Overview">
      {held ? (
        <p className="sentence">
          <Said parts={sentence} />
        </p>
      ) : (
        <SkeletonSentence />
      )}
      <Totals clusters={clusters} buckets={data.all.totalCount} busy={busy} moving={moving} />
      <div className="two-columns">
        <div>
          <section aria-labelledby="h-clusters">
            <header>
              <h2 id="h-clusters">Clusters</h2>
              <span className="dim">{clusters.length}</span>
            </header>
            <ClusterTable clusters={clusters} />
          </section>
          <OverviewBuckets buckets={data.all.nodes} total={data.all.totalCount} clusters={clusters} />
        </div>
        <div className="first-when-narrow">
          <AttentionList things={things} />
          <Calls />
          <MovingList replicas={moving} aboutWhen={aboutWhenOf(waiting ?? [])} />
        </div>
      </div>
    </Screen>
  )
}

/** Movers come and go without an event. */
const linksEveryMs = 5_000

function useLinks() {
  const [{ data }, again] = useQuery({ query: ReplicationLinksDocument })
  useEvery(linksEveryMs, true, () => {
    if (!document.hidden) again({ requestPolicy: 'network-only' })
  })
  return data?.links
}

/** Pauses and windows are no events of copies: they are asked for again while one is not whole, and with each that is not. */
const heldEveryMs = 5_000
const mostHeld = 50

/** What these wait for, and about when they are done. Undefined while it is not known. */
function useWaiting(busy: readonly LiveReplica[]): readonly WaitingPartsFragment[] | undefined {
  const [{ data, error }, again] = useQuery({ query: WaitingReplicasDocument, variables: { first: mostHeld } })
  const isBusy = busy.length > 0
  const which = busy
    .map(({ id }) => id)
    .sort()
    .join(' ')
  useEffect(() => {
    if (which !== '') again({ requestPolicy: 'network-only' })
  }, [which, again])
  useEvery(heldEveryMs, isBusy, () => {
    if (!document.hidden) again({ requestPolicy: 'network-only' })
  })
  if (isBusy && data) return data.waitingReplicas
  return isBusy && !error ? undefined : []
}

/** Of a bucket that is in several the last tells the most. */
const troubled = (data: OverviewQuery) => [
  ...data.outside.nodes,
  ...data.unroutable.nodes,
  ...data.infeasible.nodes,
  ...data.rejected.nodes,
  ...data.degraded.nodes,
  ...data.stopped.nodes,
]

/** Exact as long as every list of trouble came whole: a bucket may be in two of them. */
function wrongBuckets(data: OverviewQuery): { readonly wrong: number; readonly exact: boolean } {
  const lists = [data.unroutable, data.infeasible, data.rejected, data.degraded]
  if (lists.every((list) => list.nodes.length >= list.totalCount)) {
    return { wrong: new Set(troubled(data).map((bucket) => bucket.id)).size, exact: true }
  }
  const placement = data.infeasible.totalCount + data.degraded.totalCount
  const route = data.unroutable.totalCount + data.rejected.totalCount
  return { wrong: Math.max(placement, route), exact: false }
}
