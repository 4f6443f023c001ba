'use client'
import { useSearchParams } from 'next/navigation'
import { useState } from 'react'
import type {
  BucketPartsFragment,
  ClusterPartsFragment,
  ReplicaPartsFragment,
} from '../../../graphql/generated/operations.ts'
import type { AboutWhen } from '../../_lib/about-when.ts'
import { type Cell, cellOf } from '../../_lib/cells.ts'
import { plural } from '../../_lib/format.ts'
import { ownCauses } from '../../_lib/master.ts'
import { causeSentences } from '../../_lib/sentence.ts'
import { uncalledWords } from '../../_lib/uncalled.ts'
import { versioningWords } from '../../_lib/versioning.ts'
import { stateWords } from '../../_lib/words.ts'
import { WaitReasons } from '../replication/wait-reasons.tsx'
import { ActButton } from '../shared/act-button.tsx'
import { Ago } from '../shared/ago.tsx'
import { Glyph } from '../shared/glyph.tsx'
import { type Column, Table } from '../shared/table.tsx'
import { CopyWork } from './copy-work.tsx'
import { Release } from './release.tsx'
import { Resync } from './resync.tsx'
import { useCatchUp } from './use-catch-up.ts'
import { Where } from './where.tsx'

type Props = { readonly bucket: BucketPartsFragment; readonly clusters: readonly ClusterPartsFragment[] }

/** `replica` is null of the master. */
type Copy = {
  readonly place: ReplicaPartsFragment['storageDeployment']
  readonly cell: Cell | null
  readonly replica: ReplicaPartsFragment | null
  readonly serves: boolean
  /** See `uncalledWords`. */
  readonly uncalled: string | null
  readonly verifiedAt: string | null
  readonly versioning: BucketPartsFragment['master']['versioning']
}

/** The master and every replica, live. */
export function Copies({ bucket, clusters }: Props) {
  // Links from elsewhere open the dialog by the name of the copy's store.
  const [resync, setResync] = useState(useSearchParams().get('resync') ?? undefined)
  const [released, setReleased] = useState<string>()
  const { aboutWhen, waiting } = useCatchUp(bucket)
  const leaving = bucket.replicas.find((replica) => replica.storageDeployment.name === released)
  const chosen = bucket.replicas.find((replica) => replica.storageDeployment.name === resync)
  return (
    <section className="order-1" aria-labelledby="h-copies">
      <header>
        <h2 id="h-copies">Copies</h2>
        <span className="dim">{`master and ${plural(bucket.replicas.length, 'replica')}`}</span>
      </header>
      <Table
        label="Copies"
        columns={columnsOf(setResync, setReleased, aboutWhen)}
        items={copiesOf(bucket, clusters)}
        keyOf={({ replica }) => replica?.id ?? 'master'}
        why={({ replica }) => {
          if (replica === null) return null
          const why = causeSentences(ownCauses(replica))
          if (why !== null) return <span className="text-ink-2">{why}</span>
          const waits = waiting.get(replica.id) ?? []
          return waits.length === 0 ? null : <WaitReasons waiting={waits} />
        }}
      />
      {leaving && <Release bucket={bucket} replica={leaving} onClose={() => setReleased(undefined)} />}
      {chosen && <Resync bucket={bucket} replica={chosen} onClose={() => setResync(undefined)} />}
    </section>
  )
}

function copiesOf(bucket: BucketPartsFragment, clusters: readonly ClusterPartsFragment[]): readonly Copy[] {
  const home = bucket.master.storageDeployment
  const callsTo = (place: Copy['place'], fit: boolean): Pick<Copy, 'serves' | 'uncalled'> => {
    const uncalled = uncalledWords(bucket, clusters, place, fit)
    return { serves: fit && uncalled === null, uncalled }
  }
  const cellIn = (id: string) => {
    const cluster = clusters.find((one) => one.id === id)
    return cluster ? cellOf(bucket, cluster) : null
  }
  const master: Copy = {
    place: home,
    cell: cellIn(home.cluster.id),
    replica: null,
    ...callsTo(
      home,
      bucket.route.upstreams.some((one) => one.cluster.id === home.cluster.id),
    ),
    verifiedAt: bucket.master.lastVerifiedAt,
    versioning: bucket.master.versioning,
  }
  const replicas = bucket.replicas.map(
    (replica): Copy => ({
      place: replica.storageDeployment,
      cell: cellIn(replica.storageDeployment.cluster.id),
      replica,
      ...callsTo(replica.storageDeployment, replica.serving),
      verifiedAt: replica.lastVerifiedAt,
      versioning: replica.versioning,
    }),
  )
  return [master, ...replicas.sort((a, b) => (a.place.cluster.name < b.place.cluster.name ? -1 : 1))]
}

const settled: readonly string[] = ['IN_SYNC', 'LAGGING', 'FAILED'] satisfies readonly ReplicaPartsFragment['state'][]

/** Something of it is there. */
const releasable: readonly string[] = [...settled, 'SYNCING' satisfies ReplicaPartsFragment['state']]

type Open = (store: string) => void

const columnsOf = (onResync: Open, onRelease: Open, aboutWhen: AboutWhen): readonly Column<Copy>[] => [
  { head: 'Cluster', cell: ({ cell, place }) => <Where cell={cell} place={place} /> },
  {
    head: 'State',
    cell: (copy) => (
      <>
        <State {...copy} />
        <Versioning {...copy} />
      </>
    ),
  },
  {
    head: 'Behind',
    cell: ({ replica, cell }) =>
      replica !== null ? (
        <CopyWork replica={replica} left={aboutWhen.get(replica.id)} />
      ) : (
        <span className="dim">{isStopped(cell) ? 'nothing is copied from it' : 'source of every change'}</span>
      ),
  },
  {
    head: 'Serves',
    cell: ({ serves, uncalled }) => (
      <>
        <Glyph name={serves ? 'pass' : 'skip'} />{' '}
        {serves ? 'yes' : <span className="dim">{uncalled === null ? 'no' : `no: ${uncalled}`}</span>}
      </>
    ),
  },
  {
    head: 'Compared',
    as: 'num',
    cell: ({ verifiedAt, replica }) =>
      verifiedAt && (
        <span className="dim">
          <Ago time={verifiedAt} />
          {replica?.comparedWholeSince && (
            <span
              className="block"
              title="Above: its list of objects with the master's. Here: since then each object with its headers, metadata and tags, in turns"
            >
              tags too <Ago time={replica.comparedWholeSince} />
            </span>
          )}
        </span>
      ),
  },
  {
    head: 'Act',
    as: 'act',
    cell: ({ replica, place }) =>
      replica !== null &&
      !replica.released && (
        <>
          {settled.includes(replica.state) && (
            <ActButton className="btn quiet small" onClick={() => onResync(place.name)}>
              Resync<span className="sr-only"> the copy on {place.name}</span>
            </ActButton>
          )}
          {releasable.includes(replica.state) && (
            <ActButton className="btn quiet small" onClick={() => onRelease(place.name)}>
              Release<span className="sr-only"> the copy on {place.name}</span>
            </ActButton>
          )}
        </>
      ),
  },
]

const isStopped = (cell: Cell | null) => cell?.glyph === 'master-stopped'

const tones = { plain: '', strong: '', faint: '', accent: 'text-accent', warn: 'text-warn', bad: 'text-bad' } as const

function Versioning({ versioning }: Pick<Copy, 'versioning'>) {
  const words = versioningWords(versioning)
  return words === null ? null : (
    <span
      className="dim block"
      title="Its bucket keeps what was overwritten or deleted. FaDO removes the versions that it wrote itself."
    >
      {words}
    </span>
  )
}

function State({ replica, cell }: Pick<Copy, 'replica' | 'cell'>) {
  if (isStopped(cell)) return <span className="text-bad">master bucket {cell?.hint}</span>
  if (replica === null) return cell?.glyph === 'leave' ? cell.word : 'master'
  if (replica.released) return 'let go, its data stays'
  if (cell?.word === 'store unreachable') return <span className="text-bad">{cell.word}</span>
  return <span className={cell === null ? '' : tones[cell.tone]}>{stateWords(replica)}</span>
}
