'use client'
import Link from 'next/link'
import { useState } from 'react'
import type {
  BucketPartsFragment,
  ClusterPartsFragment,
  ReplicaPartsFragment,
} from '../../../graphql/generated/operations.ts'
import { clusterHref } from '../../_lib/attention.ts'
import { type Cell, cellOf, shareDone } from '../../_lib/cells.ts'
import { bytes, duration, plural, rate } from '../../_lib/format.ts'
import { sentence, stateWords } from '../../_lib/words.ts'
import { Ago } from '../shared/ago.tsx'
import { Glyph, MarkGlyph } from '../shared/glyph.tsx'
import { ProgressBar } from '../shared/progress-bar.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'
import { Resync } from './resync.tsx'

type Props = { readonly bucket: BucketPartsFragment; readonly clusters: readonly ClusterPartsFragment[] }

/** The master and every replica, live. */
export function Copies({ bucket, clusters }: Props) {
  const [resync, setResync] = useState<string>()
  const chosen = bucket.replicas.find((replica) => replica.id === resync)
  const home = bucket.master.storageDeployment
  return (
    <section className="order-1" aria-labelledby="h-copies">
      <header>
        <h2 id="h-copies">Copies</h2>
        <span className="dim">{`master and ${plural(bucket.replicas.length, 'replica')}`}</span>
      </header>
      <ScrollTable label="Copies">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Cluster</th>
              <th scope="col">State</th>
              <th scope="col">Waiting</th>
              <th scope="col">Serves</th>
              <th scope="col" className="num">
                Compared
              </th>
              <th scope="col">
                <span className="sr-only">Act</span>
              </th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>
                <Where cell={cellIn(bucket, clusters, home.cluster.id)} cluster={home.cluster.name} store={home.name} />
              </td>
              <td>master</td>
              <td className="dim">source of every change</td>
              <td>
                <Serves yes={bucket.route.upstreams.some((one) => one.cluster.id === home.cluster.id)} />
              </td>
              <td />
              <td />
            </tr>
            {[...bucket.replicas].sort(byCluster).map((replica) => (
              <ReplicaRows
                key={replica.id}
                replica={replica}
                cell={cellIn(bucket, clusters, replica.storageDeployment.cluster.id)}
                onResync={() => setResync(replica.id)}
              />
            ))}
          </tbody>
        </table>
      </ScrollTable>
      {chosen && <Resync bucket={bucket.name} replica={chosen} onClose={() => setResync(undefined)} />}
    </section>
  )
}

const byCluster = (a: ReplicaPartsFragment, b: ReplicaPartsFragment) =>
  a.storageDeployment.cluster.name < b.storageDeployment.cluster.name ? -1 : 1

function cellIn(bucket: BucketPartsFragment, clusters: readonly ClusterPartsFragment[], id: string): Cell | null {
  const cluster = clusters.find((one) => one.id === id)
  return cluster ? cellOf(bucket, cluster) : null
}

type RowProps = { readonly replica: ReplicaPartsFragment; readonly cell: Cell | null; readonly onResync: () => void }

function ReplicaRows({ replica, cell, onResync }: RowProps) {
  const { storageDeployment: store, cause } = replica
  const settled = replica.state === 'IN_SYNC' || replica.state === 'LAGGING' || replica.state === 'FAILED'
  return (
    <>
      <tr className={cause === null ? '' : 'has-why'}>
        <td>
          <Where cell={cell} cluster={store.cluster.name} store={store.name} />
        </td>
        <td className={toneOf(cell)}>{cell?.word === 'store unreachable' ? cell.word : stateWords(replica)}</td>
        <td>
          <Work replica={replica} />
        </td>
        <td>
          <Serves yes={replica.serving} />
        </td>
        <td className="num dim">{replica.lastVerifiedAt && <Ago time={replica.lastVerifiedAt} />}</td>
        <td className="num">
          {settled && (
            <button type="button" className="btn quiet small" onClick={onResync}>
              Compare<span className="sr-only"> the copy on {store.cluster.name}</span>
            </button>
          )}
        </td>
      </tr>
      {cause !== null && (
        <tr className="why">
          <td colSpan={6} className="text-ink-2">
            {sentence(cause)}
          </td>
        </tr>
      )}
    </>
  )
}

const tones = { plain: '', strong: '', faint: '', accent: 'text-accent', warn: 'text-warn', bad: 'text-bad' } as const
const toneOf = (cell: Cell | null) =>
  cell === null ? '' : cell.word === 'store unreachable' ? 'text-bad' : tones[cell.tone]

function Where({
  cell,
  cluster,
  store,
}: {
  readonly cell: Cell | null
  readonly cluster: string
  readonly store: string
}) {
  return (
    <>
      {cell && <MarkGlyph mark={cell} />}{' '}
      <Link className="mono" href={clusterHref(cluster)}>
        {cluster}
      </Link>
      {store !== cluster && <span className="zone ml-1">{store}</span>}
    </>
  )
}

const Serves = ({ yes }: { readonly yes: boolean }) => (
  <>
    <Glyph name={yes ? 'pass' : 'skip'} /> {yes ? 'yes' : <span className="dim">no</span>}
  </>
)

function Work({ replica }: { readonly replica: ReplicaPartsFragment }) {
  const { progress, lag, state } = replica
  if (state === 'SYNCING' && progress) {
    const eta = progress.etaSeconds === null ? '' : `, ${duration(progress.etaSeconds)} left`
    const speed = progress.bytesPerSecond === null ? '' : `, ${rate(progress.bytesPerSecond)}`
    return (
      <span className="grid min-w-56 grid-cols-[72px_auto] items-center gap-2">
        <ProgressBar share={shareDone(replica) ?? 0} label={`copy to ${replica.storageDeployment.cluster.name}`} />
        <span className="dim">
          {bytes(progress.bytesDone)} of {bytes(progress.bytesTotal)}
          {speed}
          {eta}
        </span>
      </span>
    )
  }
  if (lag.objects === 0) return <span className="dim">{state === 'IN_SYNC' ? '0' : ''}</span>
  return (
    <span>
      {plural(lag.objects, 'object')}
      <span className="dim">, {bytes(lag.bytes)}</span>
    </span>
  )
}
