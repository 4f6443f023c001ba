'use client'
import Link from 'next/link'
import type { ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { storeNeed } from '../../_lib/store-need.ts'
import { ActButton, ActLink } from '../shared/act-button.tsx'
import { AdoptHint } from './adopt-hint.tsx'

type Props = {
  readonly filtered: boolean
  readonly clusters: readonly ClusterPartsFragment[]
  readonly onCreate: () => void
}

export function NoBuckets({ filtered, clusters, onCreate }: Props) {
  if (filtered) {
    return (
      <div className="blank">
        <p className="sentence">No bucket matches.</p>
        <div>
          <Link className="btn" href="/buckets">
            Clear the filter
          </Link>
        </div>
      </div>
    )
  }
  const need = storeNeed(clusters)
  return (
    <div className="blank">
      <p className="sentence">No bucket yet.</p>
      <p className="text-ink-2">
        A bucket has one master store, where changes come from, and replicas where its policy allows them. {need?.why}
      </p>
      <div>
        {need === null ? (
          <ActButton className="btn primary" onClick={onCreate}>
            Create a bucket
          </ActButton>
        ) : (
          <ActLink className="btn primary" href={need.href}>
            {need.act}
          </ActLink>
        )}
      </div>
      <AdoptHint clusters={clusters} />
    </div>
  )
}
