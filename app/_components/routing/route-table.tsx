import Link from 'next/link'
import type { BucketListQuery, BucketPartsFragment } from '../../../graphql/generated/operations.ts'
import { count, list } from '../../_lib/format.ts'
import { bucketHref, clusterHref } from '../../_lib/hrefs.ts'
import { sentences } from '../../_lib/parts.ts'
import { goneProxies, waitedFor } from '../../_lib/words.ts'
import { Glyph } from '../shared/glyph.tsx'
import { Said } from '../shared/said.tsx'
import { type Column, Table } from '../shared/table.tsx'

type Props = { readonly list: BucketListQuery['buckets']; readonly paged: boolean }

const states = {
  SERVING: { glyph: 'sync', tone: 'plain', word: 'serving', text: 'text-ink-2' },
  PENDING: { glyph: 'pending', tone: 'accent', word: 'on its way', text: 'text-accent' },
  REJECTED: { glyph: 'warn', tone: 'warn', word: 'rejected', text: 'text-warn' },
  UNROUTABLE: { glyph: 'fail', tone: 'bad', word: 'no cluster can serve', text: 'text-bad' },
} as const

export function RouteTable({ list, paged }: Props) {
  const { hasNextPage, endCursor } = list.pageInfo
  return (
    <section aria-labelledby="h-routes">
      <header>
        <h2 id="h-routes">Routes</h2>
        <span className="dim">{count(list.totalCount)}</span>
      </header>
      <Table
        label="Routes"
        columns={columns}
        items={list.nodes}
        keyOf={(bucket) => bucket.id}
        why={({ route }) =>
          goneProxies(route).length === 0 ? null : (
            <span className="text-ink-2">
              <Said parts={sentences(goneProxies(route))} />
            </span>
          )
        }
        empty={
          <p className="text-ink-2">
            No bucket, no route: calls that name one get 404. <Link href="/buckets?create=1">Create a bucket</Link>
          </p>
        }
      />
      <nav className="mt-2 flex gap-2" aria-label="Pages">
        {paged && (
          <Link className="btn small" href="/routing">
            First page
          </Link>
        )}
        {hasNextPage && endCursor !== null && (
          <Link className="btn small" href={`/routing?after=${encodeURIComponent(endCursor)}`}>
            Next page
          </Link>
        )}
      </nav>
    </section>
  )
}

const columns: readonly Column<BucketPartsFragment>[] = [
  {
    head: 'Bucket',
    cell: ({ name }) => (
      <Link className="mono" href={bucketHref(name)}>
        {name}
      </Link>
    ),
  },
  { head: 'Goes to', as: 'wrap', cell: ({ route }) => <Upstreams route={route} /> },
  { head: 'Spread by', cell: ({ route }) => <span className="mono text-ink-2">{route.lbPolicy.toLowerCase()}</span> },
  { head: 'Callers', as: 'wrap', cell: ({ route }) => <Callers route={route} /> },
  {
    head: 'Overridden',
    cell: ({ route }) => (
      <span className={route.overridden ? 'text-ink-2' : 'dim'}>{route.overridden ? 'yes' : 'no'}</span>
    ),
  },
  { head: 'State', cell: ({ route }) => <State route={route} /> },
]

type Of = Pick<BucketPartsFragment, 'route'>

function Upstreams({ route }: Of) {
  if (route.upstreams.length === 0) return <span className="dim">nowhere</span>
  return route.upstreams.map(({ cluster, answers }, index) => (
    <span key={cluster.id}>
      {index > 0 && ', '}
      <Link className="mono" href={clusterHref(cluster.name)}>
        {cluster.name}
      </Link>
      {!answers && <span className="text-warn"> (does not answer)</span>}
    </span>
  ))
}

function Callers({ route: { callers } }: Of) {
  if (callers === null) return <span className="dim">all</span>
  if (callers.length === 0) return <span className="text-bad">nobody</span>
  return <span className="text-ink-2">{list(callers)}</span>
}

function State({ route }: Of) {
  const { glyph, tone, word, text } = states[route.state]
  const waiting = waitedFor(route)
  return (
    <span className={text}>
      <Glyph name={glyph} tone={tone} /> {word}
      {route.state === 'PENDING' && waiting.length > 0 && (
        <>
          : waits for <span className="mono">{waiting.join(', ')}</span>
        </>
      )}
    </span>
  )
}
