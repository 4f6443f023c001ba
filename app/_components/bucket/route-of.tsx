'use client'
import Link from 'next/link'
import { useState } from 'react'
import { useQuery, useSubscription } from 'urql'
import {
  type BucketPartsFragment,
  type ClusterPartsFragment,
  ConnectedProxiesDocument,
  EndRouteOverrideDocument,
  LiveProxiesDocument,
} from '../../../graphql/generated/operations.ts'
import { nobodyMayCall } from '../../../server/domain/explain/say-decision.ts'
import { isReason } from '../../../server/domain/reason.ts'
import { isClosed } from '../../_lib/callers.ts'
import { explainHref } from '../../_lib/hrefs.ts'
import { sentence } from '../../_lib/sentence.ts'
import { type Share, sharesOf, weightWords } from '../../_lib/shares.ts'
import { useAct } from '../../_lib/use-act.ts'
import { routeWords } from '../../_lib/words.ts'
import { ActButton } from '../shared/act-button.tsx'
import { Glyph } from '../shared/glyph.tsx'
import { RefusalNote } from '../shared/refusal-note.tsx'
import { OverrideRoute } from './override-route.tsx'
import { Split } from './split.tsx'

type Props = { readonly bucket: BucketPartsFragment; readonly clusters: readonly ClusterPartsFragment[] }

/** Where calls that name the bucket go. */
export function RouteOf({ bucket, clusters }: Props) {
  const [overriding, setOverriding] = useState(false)
  const [proxies] = useQuery({ query: ConnectedProxiesDocument })
  useSubscription({ query: LiveProxiesDocument })
  const end = useAct(EndRouteOverrideDocument)
  const { route } = bucket
  const connected = proxies.data?.proxies.filter((proxy) => proxy.connectedSince !== null).length ?? 1
  const shares = sharesOf(bucket, clusters)
  const sum = shares.reduce((total, one) => total + (one.waits ? 0 : one.weight), 0)
  const ill = route.state === 'REJECTED' ? 'text-warn' : route.state === 'UNROUTABLE' ? 'text-bad' : 'dim'
  return (
    <section className="order-2" aria-labelledby="h-route">
      <header>
        <h2 id="h-route">Route</h2>
        <span className={`${ill} ml-auto text-sm`} role="status">
          {routeWords(route, connected)}
        </span>
      </header>
      {route.upstreams.length === 0 ? (
        <p className="text-ink-2">
          Calls get <b>503</b> with <code>retry-after</code> until a cluster has a complete copy, functions and a store
          that answers.
        </p>
      ) : (
        <Split state={route.state} shares={shares} />
      )}
      {shares.length > 0 && sum === 0 && (
        <p className="text-bad">
          Where its data is no functions answer: calls get <b>503</b> until some do.
        </p>
      )}
      {isClosed(bucket) && <p className="text-bad">{nobodyMayCall}</p>}
      {refusals(route).map((message) => (
        <p className="text-warn" key={message}>
          {sentence(message)}
        </p>
      ))}
      <dl className="facts">
        {shares.map((share) => (
          <Fact key={share.cluster.id} share={share} sum={sum} />
        ))}
        <dt>spread by</dt>
        <dd>
          <code>{route.lbPolicy.toLowerCase()}</code>
        </dd>
        <dt>chosen by</dt>
        <dd>{route.overridden ? 'your override, within what data and zones allow' : 'data, zones and health'}</dd>
      </dl>
      <div className="mt-2 flex flex-wrap gap-2">
        <Link className="btn small" href={explainHref(bucket.name)}>
          Explain a call
        </Link>
        <ActButton className="btn small" onClick={() => setOverriding(true)}>
          {route.overridden ? 'Change the override' : 'Override the route'}
        </ActButton>
        {route.overridden && (
          <ActButton
            className="btn small"
            disabled={end.busy}
            onClick={() => end.run({ input: { bucket: bucket.name, expectedVersion: bucket.version } })}
          >
            End it
          </ActButton>
        )}
      </div>
      <RefusalNote text={end.refusal?.message} />
      {overriding && <OverrideRoute bucket={bucket} clusters={clusters} onClose={() => setOverriding(false)} />}
    </section>
  )
}

/** In the proxies' own words. */
const refusals = ({ waitsFor }: BucketPartsFragment['route']) =>
  waitsFor.filter(({ reason }) => isReason(reason, 'PROXY_REFUSED')).map(({ reason }) => reason.message)

const Fact = ({
  share: { cluster, isMaster, weight, waits },
  sum,
}: {
  readonly share: Share
  readonly sum: number
}) => (
  <>
    <dt>
      <Glyph name={isMaster ? 'master' : 'sync'} tone={isMaster ? 'strong' : 'plain'} /> <code>{cluster.name}</code>
    </dt>
    <dd>
      {weight > 0 ? (
        said(weight, waits, sum)
      ) : (
        <span className="text-warn">gets none: its functions do not answer</span>
      )}
    </dd>
  </>
)

const said = (weight: number, waits: boolean, sum: number) =>
  waits ? 'asked while those before it do not answer' : weightWords(weight, sum)
