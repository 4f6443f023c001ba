'use client'
import { useSearchParams } from 'next/navigation'
import { useQuery } from 'urql'
import {
  BucketListDocument,
  type BucketListQuery,
  type ClusterPartsFragment,
} from '../../../graphql/generated/operations.ts'
import { matrixLegend } from '../../_lib/bucket-attention.ts'
import { filterOf, type ListQuery, pageSize, parseListQuery } from '../../_lib/bucket-filter.ts'
import { ActButton } from '../shared/act-button.tsx'
import { Live } from '../shared/live.tsx'
import { Problem } from '../shared/problem.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'
import { useFleet } from '../shared/use-fleet.ts'
import { useOverlayParam } from '../shared/use-overlay-param.ts'
import { Screen } from '../shell/screen.tsx'
import { BucketFilters } from './bucket-filters.tsx'
import { CreateBucket } from './create-bucket.tsx'
import { Legend } from './legend.tsx'
import { Matrix } from './matrix.tsx'
import { NoBuckets } from './no-buckets.tsx'
import { Pages } from './pages.tsx'

export function BucketsScreen() {
  const query = parseListQuery(useSearchParams())
  const [creating, setCreating] = useOverlayParam('create')
  const fleet = useFleet()
  const [list, again] = useQuery({
    query: BucketListDocument,
    variables: { filter: filterOf(query), first: pageSize, after: query.after === '' ? null : query.after },
  })
  const retry = () => {
    fleet.retry()
    again({ requestPolicy: 'network-only' })
  }
  const error = list.data && fleet.clusters ? undefined : (list.error ?? fleet.error)
  // Then the button stands where one reads why.
  const isEmpty = !isFiltered(query) && list.data?.buckets.nodes.length === 0
  const create = (
    <ActButton className="btn primary" onClick={() => setCreating(true)}>
      Create a bucket
    </ActButton>
  )
  return (
    <Screen title="Buckets" actions={isEmpty ? undefined : create}>
      <Live />
      {error ? (
        <Problem error={error} what="The buckets" onRetry={retry} />
      ) : (
        <>
          <BucketFilters query={query} clusters={fleet.clusters ?? []} />
          {list.data && fleet.clusters ? (
            <Rows list={list.data.buckets} query={query} clusters={fleet.clusters} onCreate={() => setCreating(true)} />
          ) : (
            <SkeletonTable columns={['Bucket', 'Copies', 'Objects', 'Size']} rows={12} />
          )}
        </>
      )}
      {creating && fleet.clusters && <CreateBucket clusters={fleet.clusters} onClose={() => setCreating(false)} />}
    </Screen>
  )
}

const isFiltered = ({ name, facet, cluster, after }: ListQuery) =>
  name !== '' || facet !== 'all' || cluster !== '' || after !== ''

type RowsProps = {
  readonly list: BucketListQuery['buckets']
  readonly query: ListQuery
  readonly clusters: readonly ClusterPartsFragment[]
  readonly onCreate: () => void
}

function Rows({ list, query, clusters, onCreate }: RowsProps) {
  if (list.nodes.length === 0) return <NoBuckets filtered={isFiltered(query)} clusters={clusters} onCreate={onCreate} />
  return (
    <>
      <div className="my-3">
        <Legend marks={matrixLegend(list.nodes, clusters)} />
      </div>
      <Matrix buckets={list.nodes} clusters={clusters} full />
      <Pages list={list} query={query} />
    </>
  )
}
