'use client'
import { type KeyboardEvent, useMemo, useRef, useState } from 'react'
import { type Calls, callBars } from '../../_lib/topology/calls.ts'
import type { Focus, Shown } from '../../_lib/topology/focus.ts'
import type { Mark } from '../../_lib/topology/marks.ts'
import { curvesOf } from '../../_lib/topology/ring-curves.ts'
import type { Ring as Layout } from '../../_lib/topology/ring-layout.ts'
import { type RingLink, widthOf } from '../../_lib/topology/ring-links.ts'
import { RingCluster } from './ring-cluster.tsx'
import { RingCurve } from './ring-curve.tsx'
import { RingName } from './ring-name.tsx'
import { RingZones } from './ring-zones.tsx'

type Props = {
  readonly ring: Layout
  /** In the order of the ring. */
  readonly marks: readonly Mark[]
  readonly links: readonly RingLink[]
  readonly shown: Shown
  readonly calls: ReadonlyMap<string, Calls>
  readonly chosen: Focus
  readonly onPoint: (focus: Focus) => void
  readonly onChoose: (focus: Focus) => void
}

/**
 * Clusters as a ring, zones as arcs around it, links inside. No link crosses a cluster, and 3 or 50 clusters take the same room.
 * One stop for the tab key; arrows go from cluster to cluster.
 */
export function Ring({ ring, marks, links, shown, calls, chosen, onPoint, onChoose }: Props) {
  const [stop, setStop] = useState<string>()
  const group = useRef<SVGSVGElement>(null)
  const chosenName = chosen !== null && 'cluster' in chosen ? chosen.cluster : null
  const names = marks.map(({ name }) => name)
  const tabbed = [stop, chosenName].find((name) => name != null && names.includes(name)) ?? names[0]
  const curves = useMemo(() => curvesOf(links, ring, (link) => widthOf(link, links.length)), [links, ring])
  const bars = useMemo(() => callBars(calls), [calls])
  const byId = new Map(links.map((link) => [link.id, link]))
  const byName = new Map(marks.map((mark) => [mark.name, mark]))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return onChoose(null)
    const next = neighbour(event.key, names, names.indexOf(tabbed ?? ''))
    if (next === undefined) return
    event.preventDefault()
    setStop(next)
    group.current?.querySelector<SVGGElement>(`[data-cluster="${CSS.escape(next)}"]`)?.focus()
  }
  const { width, top } = ring
  const height = top + ring.bottom
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing has no fieldset
    <svg
      ref={group}
      className="topo"
      width={width}
      height={height}
      viewBox={`${-width / 2} ${-top} ${width} ${height}`}
      role="group"
      aria-label="Clusters by zone, and the links between them; the tables have the same"
      onKeyDown={onKeyDown}
      onPointerLeave={() => onPoint(null)}
    >
      <RingZones zones={ring.zones} />
      <g>
        {curves.map((curve) => {
          const link = byId.get(curve.id)
          return (
            link && (
              <RingCurve
                key={curve.id}
                curve={curve}
                link={link}
                width={widthOf(link, links.length)}
                faded={!shown.links.has(curve.id)}
                chosen={chosen !== null && 'link' in chosen && chosen.link === curve.id}
                onPoint={onPoint}
                onChoose={onChoose}
              />
            )
          )
        })}
      </g>
      {ring.segments.map((segment, index) => {
        const mark = marks[index]
        return (
          mark && (
            <RingCluster
              key={segment.name}
              ring={ring}
              segment={segment}
              mark={mark}
              bar={bars.get(segment.name)}
              faded={!shown.clusters.has(segment.name)}
              chosen={chosenName === segment.name}
              isStop={segment.name === tabbed}
              onPoint={onPoint}
              onChoose={(focus) => {
                setStop(segment.name)
                onChoose(focus)
              }}
            />
          )
        )
      })}
      {ring.labels.map((label) => {
        const mark = byName.get(label.name)
        return (
          mark && (
            <RingName
              key={label.name}
              label={label}
              mark={mark}
              faded={!shown.clusters.has(label.name)}
              onPoint={onPoint}
              onChoose={onChoose}
            />
          )
        )
      })}
    </svg>
  )
}

const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

/** Where a key leads from one cluster; undefined: nowhere. */
function neighbour(key: string, names: readonly string[], at: number): string | undefined {
  if (key === 'Home') return names[0]
  if (key === 'End') return names.at(-1)
  const step = steps[key]
  return step === undefined ? undefined : names[(at + step + names.length) % names.length]
}
