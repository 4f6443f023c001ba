'use client'
import Link from 'next/link'
import type { BucketPartsFragment } from '../../../graphql/generated/operations.ts'
import { clusterHref } from '../../_lib/attention.ts'
import { sweepSentence, turnOf } from '../../_lib/sweeps.ts'
import { useEvery } from '../../_lib/use-every.ts'
import { Glyph } from '../shared/glyph.tsx'
import { Said } from '../shared/said.tsx'

/** A look that found nothing new is told by no event: it is asked for, not more often than this. */
const leastPause = 5_000

type Props = { readonly bucket: BucketPartsFragment; readonly onLook: () => void }

/** Where the master's store sends no events: how long a change can be unknown, and what helps. */
export function SweepNote({ bucket, onLook }: Props) {
  const sentence = sweepSentence(bucket)
  useEvery(Math.max(leastPause, turnOf(bucket) * 500), sentence !== null, onLook)
  if (sentence === null) return null
  return (
    <p className="note plain mt-3 max-w-3xl">
      <Glyph name="notice" />
      <span>
        <Said parts={sentence} /> A MinIO tells at once when it is started with a webhook target named <code>FADO</code>
        : <code>MINIO_NOTIFY_WEBHOOK_ENABLE_FADO=on</code>,{' '}
        <code>MINIO_NOTIFY_WEBHOOK_ENDPOINT_FADO={`${window.location.origin}/api/notify`}</code> and a token of the role
        notify in <code>MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_FADO</code>. Then{' '}
        <Link href={clusterHref(bucket.master.storageDeployment.cluster.name)}>probe the store again</Link>.
      </span>
    </p>
  )
}
