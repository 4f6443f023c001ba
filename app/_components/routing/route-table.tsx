import Link from 'next/link'
import type { BucketListQuery, BucketPartsFragment } from '../../../graphql/generated/operations.ts'
import { bucketHref, clusterHref } from '../../_lib/attention.ts'
import { count } from '../../_lib/format.ts'
import { Glyph } from '../shared/glyph.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'

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
      {list.nodes.length === 0 ? (
        <p className="text-ink-2">
          No bucket, no route: calls that name one get 404. <Link href="/buckets?create=1">Create a bucket</Link>
        </p>
      ) : (
        <ScrollTable label="Routes">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Bucket</th>
                <th scope="col">Goes to</th>
                <th scope="col">Spread by</th>
                <th scope="col">Pinned</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {list.nodes.map((bucket) => (
                <RouteRow key={bucket.id} bucket={bucket} />
              ))}
            </tbody>
          </table>
        </ScrollTable>
      )}
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

function RouteRow({ bucket }: { readonly bucket: BucketPartsFragment }) {
  const { route } = bucket
  const state = states[route.state]
  return (
    <tr>
      <td>
        <Link className="mono" href={bucketHref(bucket.name)}>
          {bucket.name}
        </Link>
      </td>
      <td className="wrap">
        {route.upstreams.length === 0 && <span className="dim">nowhere</span>}
        {route.upstreams.map(({ cluster }, index) => (
          <span key={cluster.id}>
            {index > 0 && ', '}
            <Link className="mono" href={clusterHref(cluster.name)}>
              {cluster.name}
            </Link>
          </span>
        ))}
      </td>
      <td className="mono text-ink-2">{route.lbPolicy.toLowerCase()}</td>
      <td className="text-ink-2">{route.overridden ? 'yes' : <span className="dim">no</span>}</td>
      <td className={state.text}>
        <Glyph name={state.glyph} tone={state.tone} /> {state.word}
      </td>
    </tr>
  )
}
