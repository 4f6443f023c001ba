'use client'
import { useMemo } from 'react'
import type { BucketPartsFragment, RingClusterFragment } from '../../../graphql/generated/operations.ts'
import { type ClusterCalls, callsByCluster } from '../../_lib/topology/calls.ts'
import type { Focus } from '../../_lib/topology/focus.ts'
import { bucketMarks, fleetMarks } from '../../_lib/topology/marks.ts'
import { linksOfBucket, type RingLink } from '../../_lib/topology/ring-links.ts'
import { ringOrder } from '../../_lib/topology/ring-order.ts'
import type { TopologyQuery } from '../../_lib/topology/topology-query.ts'
import { Panel } from './panel.tsx'
import { RingClusterTable } from './ring-cluster-table.tsx'
import { RingFigure } from './ring-figure.tsx'
import { RingLinkTable } from './ring-link-table.tsx'
import { TopologyLegend } from './topology-legend.tsx'

type Props = {
  readonly query: TopologyQuery
  readonly fleet: { readonly clusters: readonly RingClusterFragment[]; readonly total: number }
  /** Of the fleet, the busiest first. */
  readonly links: readonly RingLink[]
  readonly bucket: BucketPartsFragment | null
  /** Undefined: nothing is told of calls, or they are not to be shown. */
  readonly calls: readonly ClusterCalls[] | undefined
  readonly onChange: (change: Partial<TopologyQuery>) => void
}

/** The ring, what is chosen on it, and the same as tables. */
export function TopologyBody({ query, fleet, links: all, bucket, calls: rows, onChange }: Props) {
  const { clusters, total } = fleet
  const ordered = useMemo(() => ringOrder(clusters), [clusters])
  const links = useMemo(() => (bucket === null ? all : linksOfBucket(bucket)), [all, bucket])
  const marks = useMemo(() => (bucket === null ? fleetMarks(ordered) : bucketMarks(bucket, ordered)), [ordered, bucket])
  const calls = useMemo(() => (rows === undefined ? null : callsByCluster(rows)), [rows])
  const chosen = chosenOf(query, clusters, links)
  const listed = clusters.filter(({ zones }) => query.zone === '' || zones.includes(query.zone))
  const isListed = (name: string) => listed.some((one) => one.name === name)
  return (
    <div className="two-columns woven">
      <div>
        <RingFigure
          clusters={ordered}
          marks={marks}
          links={links}
          calls={calls}
          bars={query.calls}
          chosen={chosen}
          zone={query.zone}
          isBucket={bucket !== null}
          onChoose={(next) => onChange(addressOf(next))}
        />
        <RingClusterTable
          clusters={listed}
          total={total}
          marks={bucket === null ? null : marks}
          links={links}
          calls={calls}
        />
      </div>
      <div>
        <Panel chosen={chosen} clusters={clusters} links={links} calls={calls} bucket={bucket} onChange={onChange} />
        <RingLinkTable
          links={links.filter(({ from, to }) => isListed(from) || isListed(to))}
          onChoose={(link) => onChange({ link })}
        />
        <TopologyLegend bucket={bucket} clusters={clusters} hasCalls={calls !== null} />
      </div>
    </div>
  )
}

/** What the address names, as far as it is there. */
function chosenOf(query: TopologyQuery, clusters: readonly RingClusterFragment[], links: readonly RingLink[]): Focus {
  if (clusters.some(({ name }) => name === query.cluster)) return { cluster: query.cluster }
  return links.some(({ id }) => id === query.link) ? { link: query.link } : null
}

const addressOf = (focus: Focus): Partial<TopologyQuery> =>
  focus === null ? { cluster: '', link: '' } : 'cluster' in focus ? { cluster: focus.cluster } : { link: focus.link }
