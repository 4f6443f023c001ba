'use client'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { useQuery } from 'urql'
import { BucketCountsDocument, type ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { facets, type ListQuery, listHref } from '../../_lib/bucket-filter.ts'
import { count } from '../../_lib/format.ts'

/** Between the last key and the question to the API. */
const typingPause = 200

type Props = { readonly query: ListQuery; readonly clusters: readonly ClusterPartsFragment[] }

export function BucketFilters({ query, clusters }: Props) {
  const [{ data }] = useQuery({
    query: BucketCountsDocument,
    variables: { name: query.name === '' ? null : query.name },
  })
  const router = useRouter()
  return (
    <div className="flex flex-wrap items-center gap-2">
      <NameFilter query={query} />
      <label className="inline-flex items-center gap-2 text-sm text-ink-3">
        with a copy on
        <select
          className="input text-ink"
          value={query.cluster}
          onChange={(event) => router.replace(listHref(query, { cluster: event.target.value }), { scroll: false })}
        >
          <option value="">any cluster</option>
          {clusters.map((cluster) => (
            <option key={cluster.id}>{cluster.name}</option>
          ))}
        </select>
      </label>
      <nav className="seg" aria-label="Show">
        {facets.map(({ id, word }) => (
          <Link
            key={id}
            href={listHref(query, { facet: id })}
            replace
            scroll={false}
            {...(id !== 'all' && query.facet !== id && data?.[id].totalCount === 0 ? { className: 'phone-off' } : {})}
            {...(query.facet === id ? { 'aria-current': 'true' as const } : {})}
          >
            {word} <span className="dim">{data ? count(data[id].totalCount) : ''}</span>
          </Link>
        ))}
      </nav>
    </div>
  )
}

function NameFilter({ query }: { readonly query: ListQuery }) {
  const router = useRouter()
  const [typed, setTyped] = useState(query.name)
  const href = listHref(query, { name: typed.trim() })
  const settled = typed.trim() === query.name
  useEffect(() => {
    if (settled) return
    const timer = setTimeout(() => router.replace(href, { scroll: false }), typingPause)
    return () => clearTimeout(timer)
  }, [href, settled, router])
  return (
    <input
      className="input flex-1 basis-60 max-w-md"
      type="search"
      aria-label="Filter by name"
      placeholder="Filter by name"
      autoComplete="off"
      spellCheck={false}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  )
}
