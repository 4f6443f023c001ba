import Link from 'next/link'
import { Fragment } from 'react'
import type { ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { storeBucketsHref } from '../../_lib/hrefs.ts'

/** Stores that are named; of more than these one is found by its cluster. */
const mostStores = 6

/** Where buckets that a store has already are taken under FaDO's care. */
export function AdoptHint({ clusters }: { readonly clusters: readonly ClusterPartsFragment[] }) {
  const stores = clusters.flatMap(({ name: cluster, storageDeployments }) =>
    storageDeployments.map(({ name }) => ({ name, cluster })),
  )
  if (stores.length === 0) return null
  return (
    <p className="text-sm text-ink-3">
      A store has buckets already? Take them under FaDO's care:{' '}
      {stores.length > mostStores ? (
        <>
          open its cluster in <Link href="/clusters">Clusters</Link>, then <em>Buckets</em> beside the store.
        </>
      ) : (
        stores.map(({ name, cluster }, index) => (
          <Fragment key={name}>
            {index > 0 && ', '}
            <Link href={storeBucketsHref(cluster, name)}>
              <span className="sr-only">buckets on </span>
              {name}
            </Link>
          </Fragment>
        ))
      )}
    </p>
  )
}
