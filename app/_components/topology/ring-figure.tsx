'use client'
import { useMemo, useState } from 'react'
import type { RingClusterFragment } from '../../../graphql/generated/operations.ts'
import type { Calls } from '../../_lib/topology/calls.ts'
import { type Focus, shownOf } from '../../_lib/topology/focus.ts'
import { holdersOf, type RingMark } from '../../_lib/topology/marks.ts'
import { layoutRing } from '../../_lib/topology/ring-layout.ts'
import type { RingLink } from '../../_lib/topology/ring-links.ts'
import { Ring } from './ring.tsx'
import { RingStatus } from './ring-status.tsx'
import { useWidth } from './use-width.ts'

type Props = {
  /** In the order of the ring. */
  readonly clusters: readonly RingClusterFragment[]
  readonly marks: readonly RingMark[]
  readonly links: readonly RingLink[]
  /** Null: nothing is told of calls. */
  readonly calls: ReadonlyMap<string, Calls> | null
  /** Calls have their room, also before they are told: nothing moves then. */
  readonly bars: boolean
  readonly chosen: Focus
  readonly zone: string
  /** The marks tell of one bucket. */
  readonly isBucket: boolean
  readonly onChoose: (focus: Focus) => void
}

/** The drawing with the line that tells of what is pointed at: pointing draws nothing else anew. */
export function RingFigure({ clusters, marks, links, calls, bars, chosen, zone, isBucket, onChoose }: Props) {
  const [pointed, setPointed] = useState<Focus>(null)
  const [place, width] = useWidth<HTMLElement>()
  const first = marks.filter((mark) => mark.first).map(({ name }) => name)
  const firstKey = first.join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the names as one text, so that equal lists lay nothing out anew
  const ring = useMemo(
    () =>
      width === 0
        ? null
        : layoutRing({ clusters, width, bars, zone: zone === '' ? null : zone, first: new Set(first) }),
    [clusters, width, bars, zone, firstKey],
  )
  const focus = pointed ?? chosen
  const holders = isBucket ? holdersOf(marks) : null
  const shown = shownOf({ clusters, links, focus, zone, holders })
  return (
    <figure className="order-1 min-w-0" ref={place}>
      {ring && (
        <Ring
          ring={ring}
          marks={marks}
          links={links}
          at={focus !== null && 'cluster' in focus ? focus.cluster : null}
          shown={shown}
          calls={calls}
          chosen={chosen}
          onPoint={setPointed}
          onChoose={onChoose}
        />
      )}
      <RingStatus focus={pointed} clusters={clusters} links={links} calls={calls} marks={marks} isBucket={isBucket} />
      {ring && ring.zonesLeft.length > 0 && (
        <p className="pt-2 text-sm text-ink-3">
          Without an arc of their own: {ring.zonesLeft.join(', ')}. The table has all zones, and one that is chosen has
          its arc.
        </p>
      )}
    </figure>
  )
}
