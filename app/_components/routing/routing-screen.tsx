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
  const [{ data: known, ...proxies }, again] = useQuery({ query: ProxyListDocument })
  const [{ data: listed, ...list }, listAgain] = useQuery({
    query: BucketListDocument,
    variables: { filter: {}, first: pageSize, after: query.get('after') },
  })
  useSubscription({ query: LiveProxiesDocument })
  const error = (known ? undefined : proxies.error) ?? (listed ? undefined : list.error)
  const retry = () => {
    again({ requestPolicy: 'network-only' })
    listAgain({ requestPolicy: 'network-only' })
  }
  // A call that is being typed stays, whatever becomes of the lists.
  return (
    <Screen title="Routing">
      <Live />
      {error && <Problem error={error} what="The routes" onRetry={retry} />}
      {known ? (
        <p className="sentence mb-6">
          <Said parts={proxiesSentence(known.proxies)} />
        </p>
      ) : (
        !error && <SkeletonSentence />
      )}
      <div className="grid grid-cols-1 gap-8">
        <Explainer />
        {known && <ProxyTable proxies={known.proxies} />}
        {listed ? (
          <RouteTable list={listed.buckets} paged={query.has('after')} />
        ) : (
          !error && <SkeletonTable columns={['Bucket', 'Goes to', 'Spread by', 'Callers', 'State']} />
        )}
      </div>
    </Screen>
  )
}
