'use client'
import { useSearchParams } from 'next/navigation'
import { useQuery, useSubscription } from 'urql'
import { BucketListDocument, LiveProxiesDocument, ProxyListDocument } from '../../../graphql/generated/operations.ts'
import { pageSize } from '../../_lib/bucket-filter.ts'
import { proxiesSentence } from '../../_lib/words.ts'
import { Live } from '../shared/live.tsx'
import { Problem } from '../shared/problem.tsx'
import { Said } from '../shared/said.tsx'
import { SkeletonSentence, SkeletonTable } from '../shared/skeleton.tsx'
import { Screen } from '../shell/screen.tsx'
import { Explainer } from './explainer.tsx'
import { ProxyTable } from './proxy-table.tsx'
import { RouteTable } from './route-table.tsx'

/** What each proxy has accepted, and where each bucket's calls go. */
export function RoutingScreen() {
  const query = useSearchParams()
  const [proxies, again] = useQuery({ query: ProxyListDocument })
  const [list, listAgain] = useQuery({
    query: BucketListDocument,
    variables: { filter: {}, first: pageSize, after: query.get('after') },
  })
  useSubscription({ query: LiveProxiesDocument })
  const error = proxies.data && list.data ? undefined : (proxies.error ?? list.error)
  if (error) {
    const retry = () => {
      again({ requestPolicy: 'network-only' })
      listAgain({ requestPolicy: 'network-only' })
    }
    return (
      <Screen title="Routing">
        <Problem error={error} what="The routes" onRetry={retry} />
      </Screen>
    )
  }
  if (!proxies.data || !list.data) {
    return (
      <Screen title="Routing">
        <SkeletonSentence />
        <SkeletonTable columns={['Bucket', 'Goes to', 'Spread by', 'State']} />
      </Screen>
    )
  }
  return (
    <Screen title="Routing">
      <Live />
      <p className="sentence mb-6">
        <Said parts={proxiesSentence(proxies.data.proxies)} />
      </p>
      <div className="grid grid-cols-1 gap-8">
        <Explainer />
        <ProxyTable proxies={proxies.data.proxies} />
        <RouteTable list={list.data.buckets} paged={query.has('after')} />
      </div>
    </Screen>
  )
}
