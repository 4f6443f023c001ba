import Link from 'next/link'
import type { ReactNode } from 'react'
import type { BucketPartsFragment, RingClusterFragment } from '../../../graphql/generated/operations.ts'
import { listHref, parseListQuery } from '../../_lib/bucket-filter.ts'
import { count, plural, rate } from '../../_lib/format.ts'
import { healthyFunctions } from '../../_lib/health.ts'
import { bucketHref, clusterHref } from '../../_lib/hrefs.ts'
import type { Calls } from '../../_lib/topology/calls.ts'
import { type Focus, touches } from '../../_lib/topology/focus.ts'
import { heldIn, heldWords } from '../../_lib/topology/marks.ts'
import type { RingLink } from '../../_lib/topology/ring-links.ts'
import type { TopologyQuery } from '../../_lib/topology/topology-query.ts'
import { callWords, errorWords, linkSentence, ringClusterSentence, speedOf } from '../../_lib/topology/words.ts'
import { Icon } from '../shared/icon.tsx'
import { Said } from '../shared/said.tsx'

type Props = {
  readonly chosen: Focus
  readonly clusters: readonly RingClusterFragment[]
  readonly links: readonly RingLink[]
  /** Null: nothing is told of calls. */
  readonly calls: ReadonlyMap<string, Calls> | null
  readonly bucket: BucketPartsFragment | null
  readonly onChange: (change: Partial<TopologyQuery>) => void
}

/** What is chosen on the ring, and the way to its page. */
export function Panel({ chosen, clusters, links, calls, bucket, onChange }: Props) {
  const close = () => onChange({ cluster: '', link: '' })
  if (chosen !== null && 'cluster' in chosen) {
    const cluster = clusters.find(({ name }) => name === chosen.cluster)
    return cluster ? <ClusterPanel cluster={cluster} links={links} calls={calls} onClose={close} /> : null
  }
  if (chosen !== null) {
    const link = links.find(({ id }) => id === chosen.link)
    return link ? <LinkPanel link={link} onClose={close} /> : null
  }
  if (bucket === null) return null
  return (
    <Frame title={bucket.name} onClose={() => onChange({ bucket: '' })}>
      <p>
        <Link href={bucketHref(bucket.name)}>Open the bucket</Link>
      </p>
    </Frame>
  )
}

type FrameProps = { readonly title: ReactNode; readonly onClose: () => void; readonly children: ReactNode }

const Frame = ({ title, onClose, children }: FrameProps) => (
  <section className="order-2" aria-labelledby="h-chosen">
    <header>
      <h2 id="h-chosen" className="mono">
        {title}
      </h2>
      <button type="button" className="btn quiet square ml-auto" aria-label="Close" onClick={onClose}>
        <Icon name="close" />
      </button>
    </header>
    {children}
  </section>
)

type ClusterProps = {
  readonly cluster: RingClusterFragment
  readonly links: readonly RingLink[]
  readonly calls: ReadonlyMap<string, Calls> | null
  readonly onClose: () => void
}

function ClusterPanel({ cluster, links, calls, onClose }: ClusterProps) {
  const { name, zones, faasDeployments, storageDeployments } = cluster
  const taken = calls?.get(name)
  const facts: readonly (readonly [string, string | null])[] = [
    ['Zones', zones.join(', ') || 'none'],
    ['Functions', `${healthyFunctions(cluster)} of ${count(faasDeployments.length)} answer`],
    ['Stores', storageDeployments.map((store) => store.name).join(', ') || 'none'],
    ['Holds', heldWords(heldIn(cluster))],
    [
      'Copies in',
      waysWords(
        links.filter(({ to }) => to === name),
        ({ from }) => from,
      ),
    ],
    [
      'Copies out',
      waysWords(
        links.filter(({ from }) => from === name),
        ({ to }) => to,
      ),
    ],
    ['Calls', calls === null ? null : taken ? callWords(taken) : 'none'],
    ['Errors', taken ? errorWords(taken) : null],
  ]
  return (
    <Frame title={name} onClose={onClose}>
      <p className="mb-2 text-ink-2">
        <Said parts={ringClusterSentence(cluster, links)} />
      </p>
      <dl className="facts">
        {facts.map(
          ([what, value]) =>
            value !== null && (
              <div className="contents" key={what}>
                <dt>{what}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      <p className="mt-2 flex flex-wrap gap-x-4">
        <Link href={clusterHref(name)}>Open the cluster</Link>
        <Link href={listHref(parseListQuery(new URLSearchParams()), { cluster: name })}>Its buckets</Link>
      </p>
      {links.some((link) => touches(link, name)) || (
        <p className="dim">No copies are kept between it and another cluster.</p>
      )}
    </Frame>
  )
}

const mostNamed = 4

/** `3 MB/s; edge, cloud and 2 more` */
function waysWords(links: readonly RingLink[], other: (link: RingLink) => string): string | null {
  if (links.length === 0) return null
  const speed = speedOf(links)
  const named = links.slice(0, mostNamed).map(other).join(', ')
  const more = links.length > mostNamed ? ` and ${links.length - mostNamed} more` : ''
  return `${speed >= 1 ? `${rate(speed)}; ` : ''}${named}${more}`
}

function LinkPanel({ link, onClose }: { readonly link: RingLink; readonly onClose: () => void }) {
  const title = (
    <>
      {link.from} <Icon name="arrow" />
      <span className="sr-only"> to </span> {link.to}
    </>
  )
  return (
    <Frame title={title} onClose={onClose}>
      <p className="mb-2 text-ink-2">
        <Said parts={linkSentence(link)} />
      </p>
      <dl className="facts">
        <dt>Copies</dt>
        <dd>{plural(link.copies, 'bucket')}</dd>
        <dt>Moving</dt>
        <dd>{plural(link.moving, 'object')}</dd>
        <dt>Waiting</dt>
        <dd>{plural(link.waiting.objects, 'object')}</dd>
      </dl>
      <p className="mt-2 flex flex-wrap gap-x-4">
        <Link href="/replication">Open Replication</Link>
        <Link href={clusterHref(link.from)}>{link.from}</Link>
        <Link href={clusterHref(link.to)}>{link.to}</Link>
      </p>
    </Frame>
  )
}
