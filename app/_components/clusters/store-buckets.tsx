'use client'
import { useState } from 'react'
import { useQuery } from 'urql'
import {
  StoreBucketsDocument,
  type StoreBucketsQuery,
  type StorePartsFragment,
} from '../../../graphql/generated/operations.ts'
import { mayBeAdopted, sampleWords } from '../../_lib/adoption.ts'
import { ActButton } from '../shared/act-button.tsx'
import { Ago } from '../shared/ago.tsx'
import { Problem } from '../shared/problem.tsx'
import { SkeletonTable } from '../shared/skeleton.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { AdoptBucket } from './adopt-bucket.tsx'
import { BucketWarnings } from './bucket-warnings.tsx'

const pageSize = 25

type Bucket = NonNullable<StoreBucketsQuery['storageDeployment']>['unmanagedBuckets']['nodes'][number]

/** The buckets of a store that FaDO does not look after; the store is asked when this is opened. */
export function StoreBuckets({ store }: { readonly store: StorePartsFragment }) {
  const [after, setAfter] = useState<string | null>(null)
  const [adopting, setAdopting] = useState<Bucket>()
  const [{ data, error, fetching }, again] = useQuery({
    query: StoreBucketsDocument,
    variables: { name: store.name, first: pageSize, after },
    requestPolicy: 'cache-and-network',
  })
  const refresh = () => again({ requestPolicy: 'network-only' })
  const page = data?.storageDeployment?.unmanagedBuckets
  return (
    <section aria-label={`Buckets on ${store.name}`}>
      <p className="text-ink-2 flex items-center gap-3">
        <span>
          Buckets on <code>{store.name}</code> that FaDO does not look after
        </span>
        <button type="button" className="btn quiet small ml-auto" disabled={fetching} onClick={refresh}>
          Look again
        </button>
      </p>
      {error && !page ? (
        <Problem error={error} what="The buckets of the store" onRetry={refresh} />
      ) : !page ? (
        <SkeletonTable columns={['Bucket', 'Made', 'Objects']} rows={2} />
      ) : (
        <>
          <Table
            label={`Buckets on ${store.name}`}
            columns={columnsOf(setAdopting)}
            items={page.nodes}
            keyOf={({ name }) => name}
            why={({ warnings }) => (warnings.length === 0 ? null : <BucketWarnings warnings={warnings} />)}
            empty={<p className="text-ink-2">None: FaDO looks after every bucket there.</p>}
          />
          <div className="mt-2 flex gap-2">
            {after !== null && (
              <button type="button" className="btn small" onClick={() => setAfter(null)}>
                First page
              </button>
            )}
            {page.pageInfo.hasNextPage && (
              <button type="button" className="btn small" onClick={() => setAfter(page.pageInfo.endCursor)}>
                Next page
              </button>
            )}
          </div>
        </>
      )}
      {adopting !== undefined && (
        <AdoptBucket bucket={adopting} store={store.name} onClose={() => setAdopting(undefined)} />
      )}
    </section>
  )
}

const columnsOf = (onAdopt: (bucket: Bucket) => void): readonly Column<Bucket>[] => [
  { head: 'Bucket', cell: ({ name }) => <span className="mono">{name}</span> },
  {
    head: 'Made',
    cell: ({ createdAt }) =>
      createdAt !== null && (
        <span className="dim">
          <Ago time={createdAt} />
        </span>
      ),
  },
  { head: 'Objects', as: 'num', cell: ({ sample }) => <span className="text-ink-2">{sampleWords(sample)}</span> },
  {
    head: 'Act',
    as: 'act',
    cell: (bucket) =>
      mayBeAdopted(bucket.warnings) && (
        <ActButton className="btn quiet small" onClick={() => onAdopt(bucket)}>
          Take under FaDO's care<span className="sr-only"> the bucket {bucket.name}</span>
        </ActButton>
      ),
  },
]
