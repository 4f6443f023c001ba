import Link from 'next/link'
import type { RingClusterFragment } from '../../../graphql/generated/operations.ts'
import { bytes, count, rate } from '../../_lib/format.ts'
import { clusterSign, healthyFunctions } from '../../_lib/health.ts'
import { clusterHref } from '../../_lib/hrefs.ts'
import type { Calls } from '../../_lib/topology/calls.ts'
import { heldIn, type RingMark } from '../../_lib/topology/marks.ts'
import type { RingLink } from '../../_lib/topology/ring-links.ts'
import { callWords, errorWords, speedOf } from '../../_lib/topology/words.ts'
import { SignGlyph } from '../shared/glyph.tsx'
import { type Column, Table } from '../shared/table.tsx'

type Props = {
  readonly clusters: readonly RingClusterFragment[]
  /** Of the fleet; those that are shown may be fewer. */
  readonly total: number
  /** Of the chosen bucket; null: none is chosen. */
  readonly marks: readonly RingMark[] | null
  readonly links: readonly RingLink[]
  /** Null: nothing is told of calls. */
  readonly calls: ReadonlyMap<string, Calls> | null
}

/** What the ring shows of clusters, in lines. */
export function RingClusterTable({ clusters, total, marks, links, calls }: Props) {
  const byName = marks && new Map(marks.map((mark) => [mark.name, mark]))
  const columns: readonly Column<RingClusterFragment>[] = [
    ...always,
    ...(byName ? [ofBucket(byName)] : held),
    speed('Copies in', (name) => links.filter(({ to }) => to === name)),
    speed('Copies out', (name) => links.filter(({ from }) => from === name)),
    ...(calls ? [called(calls)] : []),
  ]
  return (
    <section className="order-4" aria-labelledby="h-ring-clusters">
      <header>
        <h2 id="h-ring-clusters">Clusters</h2>
        <span className="dim">
          {clusters.length === total ? count(total) : `${count(clusters.length)} of ${count(total)}`}
        </span>
      </header>
      <Table
        label="Clusters"
        columns={columns}
        items={clusters}
        keyOf={({ id }) => id}
        empty={<p className="text-ink-2">No cluster is in this zone.</p>}
      />
    </section>
  )
}

type RingColumn = Column<RingClusterFragment>

const always: readonly RingColumn[] = [
  {
    head: 'Cluster',
    cell: (cluster) => {
      const sign = clusterSign(cluster)
      return (
        <>
          <SignGlyph mark={sign} label={sign.word} />{' '}
          <Link className="mono" href={clusterHref(cluster.name)}>
            {cluster.name}
          </Link>
        </>
      )
    },
  },
  {
    head: 'Zones',
    as: 'wrap',
    cell: ({ zones }) =>
      zones.map((zone) => (
        <span className="zone" key={zone}>
          {zone}
        </span>
      )),
  },
  {
    head: 'Functions',
    cell: (cluster) =>
      cluster.faasDeployments.length === 0 ? (
        <span className="dim">none</span>
      ) : (
        <span className={healthyFunctions(cluster) < cluster.faasDeployments.length ? 'text-warn' : 'text-ink-2'}>
          {healthyFunctions(cluster)} of {cluster.faasDeployments.length}
        </span>
      ),
  },
]

const held: readonly RingColumn[] = [
  {
    head: 'Buckets',
    as: 'num',
    cell: (cluster) => {
      const { masters, replicas } = heldIn(cluster)
      return <span title={`${count(masters)} masters, ${count(replicas)} replicas`}>{count(masters + replicas)}</span>
    },
  },
  {
    head: 'Stored',
    as: 'num',
    cell: (cluster) => {
      const { bytes: size } = heldIn(cluster)
      return size === null ? <span className="dim">-</span> : bytes(size)
    },
  },
]

const ofBucket = (marks: ReadonlyMap<string, RingMark>): RingColumn => ({
  head: 'Of this bucket',
  cell: ({ name }) => {
    const mark = marks.get(name)
    if (!mark) return null
    return (
      <>
        {mark.sign && <SignGlyph mark={mark.sign} label={mark.sign.word} />}{' '}
        {mark.second || <span className="dim">nothing</span>}
      </>
    )
  },
})

const speed = (head: string, of: (name: string) => readonly RingLink[]): RingColumn => ({
  head,
  as: 'num',
  cell: ({ name }) => {
    const sum = speedOf(of(name))
    return sum >= 1 ? rate(sum) : <span className="dim">-</span>
  },
})

const called = (calls: ReadonlyMap<string, Calls>): RingColumn => ({
  head: 'Calls',
  as: 'num',
  cell: ({ name }) => {
    const taken = calls.get(name)
    if (!taken) return <span className="dim">-</span>
    const errors = errorWords(taken)
    return (
      <>
        {callWords(taken)}
        {errors !== null && <span className="block text-bad">{errors}</span>}
      </>
    )
  },
})
