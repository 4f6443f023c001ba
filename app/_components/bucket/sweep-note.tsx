'use client'
import Link from 'next/link'
import type { BucketPartsFragment } from '../../../graphql/generated/operations.ts'
import { clusterHref } from '../../_lib/hrefs.ts'
import { sweepSentence } from '../../_lib/sweeps.ts'
import { Glyph } from '../shared/glyph.tsx'
import { Said } from '../shared/said.tsx'
import { WebhookRecipe } from '../shared/webhook-recipe.tsx'

/** Where the master's store sends no events: how long a change can be unknown, and what helps. */
export function SweepNote({ bucket }: { readonly bucket: BucketPartsFragment }) {
  const sentence = sweepSentence(bucket)
  if (sentence === null) return null
  return (
    <p className="note plain mt-3 max-w-3xl">
      <Glyph name="notice" />
      <span>
        <Said parts={sentence} /> <WebhookRecipe /> Then{' '}
        <Link href={clusterHref(bucket.master.storageDeployment.cluster.name)}>probe the store again</Link>.
      </span>
    </p>
  )
}
