import Link from 'next/link'
import type { BucketListQuery } from '../../../graphql/generated/operations.ts'
import { type ListQuery, listHref, pageSize } from '../../_lib/bucket-filter.ts'
import { count } from '../../_lib/format.ts'

type Props = { readonly list: BucketListQuery['buckets']; readonly query: ListQuery }

/** Pages by key: forward by cursor, back by the browser or to the start. */
export function Pages({ list, query }: Props) {
  const from = (query.page - 1) * pageSize + 1
  const { hasNextPage, endCursor } = list.pageInfo
  if (query.page === 1 && !hasNextPage) return null
  return (
    <nav className="mt-3 flex items-center gap-3 text-sm" aria-label="Pages">
      <span className="text-ink-3">
        {count(from)} to {count(from + list.nodes.length - 1)} of {count(list.totalCount)}
      </span>
      {query.page > 1 && (
        <Link className="btn small" href={listHref(query, { after: '', page: 1 })}>
          First page
        </Link>
      )}
      {hasNextPage && endCursor !== null && (
        <Link className="btn small" href={listHref(query, { after: endCursor, page: query.page + 1 })}>
          Next page
        </Link>
      )}
    </nav>
  )
}
