import Link from 'next/link'
import type { BucketPartsFragment, ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { matrixLegend } from '../../_lib/bucket-attention.ts'
import { count } from '../../_lib/format.ts'
import { storeNeed } from '../../_lib/store-need.ts'
import { AdoptHint } from '../buckets/adopt-hint.tsx'
import { Legend } from '../buckets/legend.tsx'
import { Matrix } from '../buckets/matrix.tsx'
import { ActLink } from '../shared/act-button.tsx'

type Props = {
  readonly buckets: readonly BucketPartsFragment[]
  readonly total: number
  readonly clusters: readonly ClusterPartsFragment[]
}

/** A small fleet has room for the whole answer: where every bucket lies. */
export function OverviewBuckets({ buckets, total, clusters }: Props) {
  const need = storeNeed(clusters)
  return (
    <section aria-labelledby="h-buckets">
      <header>
        <h2 id="h-buckets">Buckets</h2>
        <span className="dim">{total > 0 && `${count(total)}, where they lie`}</span>
      </header>
      {total === 0 && (
        <div className="blank within">
          <p className="text-ink-2">
            A bucket has one master store, and replicas where its policy allows them. {need?.why}
          </p>
          <div>
            <ActLink className="btn primary" href={need?.href ?? '/buckets?create=1'}>
              {need?.act ?? 'Create a bucket'}
            </ActLink>
          </div>
          <AdoptHint clusters={clusters} />
        </div>
      )}
      {total > buckets.length && (
        <p className="text-ink-2">
          Too many to show here. <Link href="/buckets">All buckets</Link>
        </p>
      )}
      {total > 0 && total <= buckets.length && (
        <>
          <Matrix buckets={buckets} clusters={clusters} />
          <div className="mt-2">
            <Legend marks={matrixLegend(buckets, clusters)} />
          </div>
        </>
      )}
    </section>
  )
}
