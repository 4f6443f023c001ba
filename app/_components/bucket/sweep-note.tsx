'use client'
import Link from 'next/link'
import type { BucketPartsFragment } from '../../../graphql/generated/operations.ts'
import { clusterHref } from '../../_lib/hrefs.ts'
import { sweepSentence } from '../../_lib/sweeps.ts'
import { EventsCommand } from '../shared/events-command.tsx'
import { Glyph } from '../shared/glyph.tsx'
import { Said } from '../shared/said.tsx'

/** Where nobody who is believed tells of the master's changes: how long one can be unknown, and what helps. */
export function SweepNote({ bucket }: { readonly bucket: BucketPartsFragment }) {
  const sentence = sweepSentence(bucket)
  if (sentence === null) return null
  const { events, storageDeployment: store } = bucket.master
  const silent = events.state === 'SILENT'
  return (
    <p className={`note ${silent ? '' : 'plain '}mt-3 max-w-3xl`}>
      <Glyph name={silent ? 'warn' : 'notice'} />
      <span>
        <Said parts={sentence} /> <EventsCommand store={store.name} />
        {events.state === 'NONE' && (
          <>
            {' '}
            Then <Link href={clusterHref(store.cluster.name)}>probe the store again</Link>.
          </>
        )}
      </span>
    </p>
  )
}
