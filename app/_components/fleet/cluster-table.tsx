import Link from 'next/link'
import type { ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { isInTrouble } from '../../../server/domain/fleet/in-trouble.ts'
import { bytes, count } from '../../_lib/format.ts'
import { clusterSign, healthyFunctions, isComingBack } from '../../_lib/health.ts'
import { clusterHref } from '../../_lib/hrefs.ts'
import { SignGlyph } from '../shared/glyph.tsx'
import { Lasting } from '../shared/lasting.tsx'
import { type Column, Table } from '../shared/table.tsx'

const columns: readonly Column<ClusterPartsFragment>[] = [
  { head: 'Cluster', cell: (cluster) => <ClusterName cluster={cluster} /> },
  {
    head: 'Zones',
    cell: ({ zones }) =>
      zones.map((zone) => (
        <span className="zone" key={zone}>
          {zone}
        </span>
      )),
  },
  { head: 'Functions', cell: (cluster) => <FunctionsState cluster={cluster} /> },
  { head: 'Store', cell: (cluster) => <StoreState cluster={cluster} /> },
  { head: 'Objects', as: 'num', cell: (cluster) => <Used cluster={cluster} of="objects" words={count} /> },
  { head: 'Stored', as: 'num', cell: (cluster) => <Used cluster={cluster} of="bytes" words={bytes} /> },
]

/** One line per cluster: health, zones, functions, store. */
export const ClusterTable = ({ clusters }: { readonly clusters: readonly ClusterPartsFragment[] }) => (
  <Table label="Clusters" columns={columns} items={clusters} keyOf={(cluster) => cluster.id} />
)

type Of = { readonly cluster: ClusterPartsFragment }

function ClusterName({ cluster }: Of) {
  const mark = clusterSign(cluster)
  return (
    <>
      <SignGlyph mark={mark} label={mark.word} />{' '}
      <Link className="mono" href={clusterHref(cluster.name)}>
        {cluster.name}
      </Link>
    </>
  )
}

type UsedProps = Of & { readonly of: 'objects' | 'bytes'; readonly words: (n: number) => string }

function Used({ cluster, of, words }: UsedProps) {
  const usage = cluster.storageDeployments.flatMap((store) => store.usage ?? [])
  if (usage.length === 0) return null
  return <span className="text-ink-2">{words(usage.reduce((sum, one) => sum + one[of], 0))}</span>
}

function FunctionsState({ cluster }: Of) {
  const all = cluster.faasDeployments.length
  if (all === 0) return <span className="dim">none</span>
  const well = healthyFunctions(cluster)
  return (
    <span className={well < all ? 'text-warn' : 'text-ink-2'}>
      {well} of {all}
      {cluster.faasDeployments.some(isComingBack) && <span className="text-warn"> coming back</span>}
    </span>
  )
}

function StoreState({ cluster }: Of) {
  const stores = cluster.storageDeployments
  if (stores.length === 0) return <span className="dim">none</span>
  const down = stores.find((store) => store.health.status === 'UNHEALTHY')
  if (!down && stores.some(isInTrouble)) return <span className="text-warn">in trouble</span>
  if (!down && stores.some(isComingBack)) return <span className="text-warn">coming back</span>
  if (!down) return <span className="text-ink-2">{stores.length === 1 ? 'answers' : `${stores.length} answer`}</span>
  return <span className="text-bad">down {down.health.since !== null && <Lasting since={down.health.since} />}</span>
}
