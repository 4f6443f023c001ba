'use client'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { type Calls, callBars } from '../../_lib/topology/calls.ts'
import type { Focus, InFocus } from '../../_lib/topology/focus.ts'
import type { RingMark } from '../../_lib/topology/marks.ts'
import { curvesOf } from '../../_lib/topology/ring-curves.ts'
import type { Ring as Layout } from '../../_lib/topology/ring-layout.ts'
import { drawnLinks, linksBeside, type RingLink, widthOf } from '../../_lib/topology/ring-links.ts'
import { RingCluster } from './ring-cluster.tsx'
import { RingCurve } from './ring-curve.tsx'
import { RingName } from './ring-name.tsx'
import { RingZones } from './ring-zones.tsx'

type Props = {
  readonly ring: Layout
  /** In the order of the ring. */
  readonly marks: readonly RingMark[]
  readonly links: readonly RingLink[]
  /** A cluster whose links are all drawn, idle ones too. */
  readonly at: string | null
  readonly shown: InFocus
  /** Null: nothing is told of calls. */
  readonly calls: ReadonlyMap<string, Calls> | null
  readonly chosen: Focus
  readonly onPoint: (focus: Focus) => void
  readonly onChoose: (focus: Focus) => void
}

/**
 * Clusters as a ring, zones as arcs around it, links inside. No link crosses a cluster, and 3 or 50 clusters take the same room.
 * One stop for the tab key; arrows go from cluster to cluster.
 */
export function Ring({ ring, marks, links, at, shown, calls, chosen, onPoint, onChoose }: Props) {
  const [stop, setStop] = useState<string>()
  const group = useRef<SVGSVGElement>(null)
  const chosenName = chosen !== null && 'cluster' in chosen ? chosen.cluster : null
  const names = marks.map(({ name }) => name)
  const tabbed = [stop, chosenName].find((name) => name != null && names.includes(name)) ?? names[0]
  const choose = useSteady(onChoose)
  const curves = useCurves(ring, links, at)
  const bars = useMemo(() => callBars(calls ?? new Map()), [calls])
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
      onFocus={({ target }) => setStop((target as SVGElement).dataset['cluster'])}
      onPointerLeave={() => onPoint(null)}
    >
      <RingZones zones={ring.zones} />
      <g>
        {curves.map(({ curve, link, width, moves }) => (
          <RingCurve
            key={curve.id}
            curve={curve}
            link={link}
            width={width}
            moves={moves}
            faded={!shown.links.has(curve.id)}
            chosen={chosen !== null && 'link' in chosen && chosen.link === curve.id}
            onPoint={onPoint}
            onChoose={choose}
          />
        ))}
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
              onChoose={choose}
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
              onChoose={choose}
            />
          )
        )
      })}
    </svg>
  )
}

/** More dashes than these would keep a slow machine busy. */
const mostMoving = 24

/** Links with their curves. Those that a cluster adds while it is pointed at move none of the others. */
function useCurves(ring: Layout, links: readonly RingLink[], at: string | null) {
  const drawn = useMemo(() => drawnLinks(links), [links])
  const always = useMemo(() => drawCurves(ring, drawn, drawn.length), [ring, drawn])
  const beside = useMemo(
    () => (at === null ? [] : drawCurves(ring, linksBeside(drawn, links, at), drawn.length)),
    [ring, drawn, links, at],
  )
  return [...always, ...beside]
}

function drawCurves(ring: Layout, links: readonly RingLink[], drawn: number) {
  const byId = new Map(
    links.map((link, index) => [link.id, { link, width: widthOf(link, drawn), moves: index < mostMoving }]),
  )
  return curvesOf(links, ring, (link) => widthOf(link, drawn)).flatMap((curve) => {
    const known = byId.get(curve.id)
    return known ? [{ curve, ...known }] : []
  })
}

/** The same function for ever, which does what the latest one does: what is drawn need not be drawn anew for it. */
function useSteady(act: (focus: Focus) => void): (focus: Focus) => void {
  const latest = useRef(act)
  useEffect(() => {
    latest.current = act
  })
  return useRef((focus: Focus) => latest.current(focus)).current
}

const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

/** Where a key leads from one cluster; undefined: nowhere. */
function neighbour(key: string, names: readonly string[], at: number): string | undefined {
  if (key === 'Home') return names[0]
  if (key === 'End') return names.at(-1)
  const step = steps[key]
  return step === undefined ? undefined : names[(at + step + names.length) % names.length]
}
