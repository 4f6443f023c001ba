// The filter of the bucket list, as it stands in the address.
import type { BucketCountsQuery, BucketFilter } from '../../graphql/generated/operations.ts'

export type Facet = keyof BucketCountsQuery

/** In the order shown, with what each asks of the API. */
export const facets: readonly { readonly id: Facet; readonly word: string; readonly filter: BucketFilter }[] = [
  { id: 'all', word: 'All', filter: {} },
  { id: 'unroutable', word: 'Calls get 503', filter: { routeState: 'UNROUTABLE' } },
  { id: 'outside', word: 'Residency violation', filter: { reasons: ['RESIDENCY_VIOLATION'] } },
  {
    id: 'stopped',
    word: 'Master lost',
    filter: { reasons: ['MASTER_MISSING', 'MASTER_REPLACED', 'MASTER_REGRESSED'] },
  },
  { id: 'infeasible', word: 'Cannot be placed', filter: { placement: 'INFEASIBLE' } },
  { id: 'degraded', word: 'Short of a copy', filter: { placement: 'DEGRADED' } },
  { id: 'closed', word: 'Nobody may call', filter: { nobodyMayCall: true } },
  { id: 'rejected', word: 'Route rejected', filter: { routeState: 'REJECTED' } },
  { id: 'pending', word: 'Route on its way', filter: { routeState: 'PENDING' } },
]

export const pageSize = 50

export type ListQuery = {
  readonly name: string
  readonly facet: Facet
  readonly cluster: string
  readonly after: string
  /** Which page this is, for people only: cursors do not tell. */
  readonly page: number
}

export function parseListQuery(query: URLSearchParams): ListQuery {
  const page = Number(query.get('page'))
  return {
    name: query.get('q') ?? '',
    facet: facets.find((facet) => facet.id === query.get('state'))?.id ?? 'all',
    cluster: query.get('cluster') ?? '',
    after: query.get('after') ?? '',
    page: Number.isInteger(page) && page > 1 && query.has('after') ? page : 1,
  }
}

/** The address of a list. A changed filter begins at the first page. */
export function listHref(before: ListQuery, change: Partial<ListQuery>): string {
  const next = { ...before, ...('after' in change ? {} : { after: '', page: 1 }), ...change }
  const query = new URLSearchParams()
  if (next.name !== '') query.set('q', next.name)
  if (next.facet !== 'all') query.set('state', next.facet)
  if (next.cluster !== '') query.set('cluster', next.cluster)
  if (next.after !== '') {
    query.set('after', next.after)
    query.set('page', String(next.page))
  }
  const text = query.toString()
  return text === '' ? '/buckets' : `/buckets?${text}`
}

export function filterOf(query: ListQuery): BucketFilter {
  const facet = facets.find((one) => one.id === query.facet)?.filter ?? {}
  return {
    ...facet,
    ...(query.name === '' ? {} : { nameContains: query.name }),
    ...(query.cluster === '' ? {} : { cluster: query.cluster }),
  }
}
