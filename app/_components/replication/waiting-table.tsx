'use client'
import Link from 'next/link'
import { ResyncReplicaDocument, type WaitingPartsFragment } from '../../../graphql/generated/operations.ts'
import { leftWords } from '../../_lib/about-when.ts'
import { duration } from '../../_lib/format.ts'
import { bucketHref } from '../../_lib/hrefs.ts'
import { isRetry } from '../../_lib/links.ts'
import { say } from '../../_lib/parts.ts'
import { useAct } from '../../_lib/use-act.ts'
import { ActButton } from '../shared/act-button.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { useToast } from '../shared/toasts.tsx'
import { WaitReasons } from './wait-reasons.tsx'

type Replica = WaitingPartsFragment

/** Each copy that waits, with all that it waits for. */
export function WaitingTable({ replicas, most }: { readonly replicas: readonly Replica[]; readonly most: number }) {
  return (
    <section aria-labelledby="h-waiting">
      <header>
        <h2 id="h-waiting">Waiting</h2>
        <span className="dim">{replicas.length > 1 ? 'the oldest change first' : ''}</span>
      </header>
      <Table
        label="Waiting"
        columns={columns}
        items={replicas}
        keyOf={({ id }) => id}
        why={({ waiting }) => <WaitReasons waiting={waiting} />}
        empty={<p className="text-ink-2">Nothing waits.</p>}
      />
      {replicas.length === most && (
        <p className="pt-2 text-sm text-ink-3">
          and perhaps more: <Link href="/buckets">all buckets</Link>
        </p>
      )}
    </section>
  )
}

const columns: readonly Column<Replica>[] = [
  {
    head: 'Bucket',
    cell: ({ bucket }) => (
      <Link className="mono" href={bucketHref(bucket.name)}>
        {bucket.name}
      </Link>
    ),
  },
  { head: 'Copy', cell: ({ storageDeployment }) => <span className="mono">{storageDeployment.name}</span> },
  {
    head: 'Behind',
    as: 'num',
    cell: ({ lag }) => (
      <>
        {lag.oldestSeconds > 0 ? duration(lag.oldestSeconds) : <span className="dim">-</span>}
        {lag.etaSeconds !== null && <span className="dim block">{leftWords(lag.etaSeconds)}</span>}
      </>
    ),
  },
  {
    head: 'Act',
    as: 'act',
    cell: (replica) =>
      replica.waiting.some(({ reason }) => isRetry(reason.code)) ? <Retry replica={replica} /> : null,
  },
]

/** What failed is tried again now, whatever its backoff; the whole copy is compared as well. */
function Retry({ replica }: { readonly replica: Replica }) {
  const resync = useAct(ResyncReplicaDocument)
  const toast = useToast()
  const act = async () => {
    const [bucket, storageDeployment] = [replica.bucket.name, replica.storageDeployment.name]
    const input = { bucket, storageDeployment, allowDeletes: false, onConflict: 'KEEP' as const }
    const done = await resync.run({ input })
    toast({ parts: done.ok ? say`It is tried again now.` : say`${done.refusal.message}` })
  }
  return (
    <ActButton className="btn quiet small" disabled={resync.busy} onClick={act}>
      Try again
      <span className="sr-only">
        {' '}
        the copy of {replica.bucket.name} on {replica.storageDeployment.name}
      </span>
    </ActButton>
  )
}
