'use client'
import { useDeferredValue, useMemo, useState } from 'react'
import type { BucketPartsFragment, RingClusterFragment } from '../../../graphql/generated/operations.ts'
import { type CallRow, callsByCluster } from '../../_lib/topology/calls.ts'
import { type Focus, shownOf } from '../../_lib/topology/focus.ts'
import { bucketMarks, fleetMarks, holdersOf } from '../../_lib/topology/marks.ts'
import { layoutRing } from '../../_lib/topology/ring-layout.ts'
import { drawnLinks, linksOfBucket, type RingLink } from '../../_lib/topology/ring-links.ts'
import { ringOrder } from '../../_lib/topology/ring-order.ts'
import type { TopologyQuery } from '../../_lib/topology/topology-query.ts'
import { Panel } from './panel.tsx'
import { Ring } from './ring.tsx'
import { RingClusterTable } from './ring-cluster-table.tsx'
import { RingLinkTable } from './ring-link-table.tsx'
import { RingStatus } from './ring-status.tsx'
import { TopologyLegend } from './topology-legend.tsx'
import { useWidth } from './use-width.ts'

type Props = {
  readonly query: TopologyQuery
  readonly fleet: { readonly clusters: readonly RingClusterFragment[]; readonly total: number }
  /** Of the fleet, the busiest first. */
  readonly links: readonly RingLink[]
  readonly bucket: BucketPartsFragment | null
  readonly calls: readonly CallRow[] | undefined
  readonly onChange: (change: Partial<TopologyQuery>) => void
}

/** The ring, what is chosen on it, and the same as tables. */
export function TopologyBody({ query, fleet, links: all, bucket, calls: rows, onChange }: Props) {
  const [pointed, setPointed] = useState<Focus>(null)
  const [place, width] = useWidth<HTMLElement>()
  const ordered = useMemo(() => ringOrder(fleet.clusters), [fleet.clusters])
  const links = bucket === null ? all : linksOfBucket(bucket)
  const marks = bucket === null ? fleetMarks(ordered) : bucketMarks(bucket, ordered)
  const calls = useMemo(() => callsByCluster(rows ?? []), [rows])
  const hasBars = rows !== undefined
  const first = marks.filter((mark) => mark.first).map(({ name }) => name)
  const firstKey = first.join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names as one text, so that equal lists lay nothing out anew
  const ring = useMemo(
    () =>
      width === 0
        ? null
        : layoutRing({ clusters: ordered, width, bars: hasBars, zone: query.zone || null, first: new Set(first) }),
    [ordered, width, hasBars, query.zone, firstKey],
  )
  const chosen = chosenOf(query, fleet.clusters, links)
  // Drawing may come a moment after the pointer.
  const focus = useDeferredValue(pointed) ?? chosen
  const at = focus !== null && 'cluster' in focus ? focus.cluster : null
  const holders = bucket === null ? null : holdersOf(marks)
  const drawn = drawnLinks(links, at)
  const shown = shownOf({ clusters: ordered, links, focus, zone: query.zone, holders })
  const isListed = (name: string) =>
    query.zone === '' || ordered.some((one) => one.name === name && one.zones.includes(query.zone))
  return (
    <div className="two-columns woven">
      <div>
        <figure className="order-1 min-w-0" ref={place}>
          {ring && (
            <Ring
              ring={ring}
              marks={marks}
              links={drawn}
              shown={shown}
              calls={calls}
              chosen={chosen}
              onPoint={setPointed}
              onChoose={(next) => onChange(addressOf(next))}
            />
          )}
          <RingStatus
            focus={pointed}
            clusters={fleet.clusters}
            links={links}
            calls={calls}
            marks={marks}
            isBucket={bucket !== null}
          />
          {ring && ring.zonesLeft.length > 0 && (
            <p className="pt-2 text-sm text-ink-3">
              Without an arc of their own: {ring.zonesLeft.join(', ')}. The table has all zones, and one that is chosen
              has its arc.
            </p>
          )}
          {fleet.total > fleet.clusters.length && (
            <p className="pt-2 text-sm text-ink-3">
              Shown are the first {fleet.clusters.length} of {fleet.total} clusters.
            </p>
          )}
        </figure>
        <RingClusterTable
          clusters={fleet.clusters.filter(({ name }) => isListed(name))}
          marks={bucket === null ? null : marks}
          links={links}
          calls={rows === undefined ? null : calls}
        />
      </div>
      <div>
        <Panel
          chosen={chosen}
          clusters={fleet.clusters}
          links={links}
          calls={rows === undefined ? null : calls}
          bucket={bucket}
          onChange={onChange}
        />
        <RingLinkTable
          links={links.filter(({ from, to }) => isListed(from) || isListed(to))}
          onChoose={(link) => onChange({ link })}
        />
        <TopologyLegend bucket={bucket} clusters={fleet.clusters} hasCalls={rows !== undefined} />
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
