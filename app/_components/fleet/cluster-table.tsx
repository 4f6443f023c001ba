import Link from 'next/link'
import type { ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { clusterHref } from '../../_lib/attention.ts'
import { bytes, count } from '../../_lib/format.ts'
import { clusterMark, healthyFunctions } from '../../_lib/health.ts'
import { MarkGlyph } from '../shared/glyph.tsx'
import { Lasting } from '../shared/lasting.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'

/** One line per cluster: health, zones, functions, store. */
export function ClusterTable({ clusters }: { readonly clusters: readonly ClusterPartsFragment[] }) {
  return (
    <ScrollTable label="Clusters">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Cluster</th>
            <th scope="col">Zones</th>
            <th scope="col">Functions</th>
            <th scope="col">Store</th>
            <th scope="col" className="num">
              Objects
            </th>
            <th scope="col" className="num">
              Stored
            </th>
          </tr>
        </thead>
        <tbody>
          {clusters.map((cluster) => (
            <ClusterRow key={cluster.id} cluster={cluster} />
          ))}
        </tbody>
      </table>
    </ScrollTable>
  )
}

function ClusterRow({ cluster }: { readonly cluster: ClusterPartsFragment }) {
  const mark = clusterMark(cluster)
  const usage = cluster.storageDeployments.flatMap((store) => store.usage ?? [])
  return (
    <tr>
      <td>
        <MarkGlyph mark={mark} label={mark.word} />{' '}
        <Link className="mono" href={clusterHref(cluster.name)}>
          {cluster.name}
        </Link>
      </td>
      <td>
        {cluster.zones.map((zone) => (
          <span className="zone" key={zone}>
            {zone}
          </span>
        ))}
      </td>
      <td>
        <FunctionsState cluster={cluster} />
      </td>
      <td>
        <StoreState cluster={cluster} />
      </td>
      <td className="num text-ink-2">{usage.length > 0 && count(usage.reduce((sum, one) => sum + one.objects, 0))}</td>
      <td className="num text-ink-2">{usage.length > 0 && bytes(usage.reduce((sum, one) => sum + one.bytes, 0))}</td>
    </tr>
  )
}

function FunctionsState({ cluster }: { readonly cluster: ClusterPartsFragment }) {
  const all = cluster.faasDeployments.length
  if (all === 0) return <span className="dim">none</span>
  const well = healthyFunctions(cluster)
  return (
    <span className={well < all ? 'text-warn' : 'text-ink-2'}>
      {well} of {all}
    </span>
  )
}

function StoreState({ cluster }: { readonly cluster: ClusterPartsFragment }) {
  const stores = cluster.storageDeployments
  if (stores.length === 0) return <span className="dim">none</span>
  const down = stores.find((store) => store.health.status === 'UNHEALTHY')
  if (!down) return <span className="text-ink-2">{stores.length === 1 ? 'answers' : `${stores.length} answer`}</span>
  return <span className="text-bad">down {down.health.since !== null && <Lasting since={down.health.since} />}</span>
}
