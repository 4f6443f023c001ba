// Where everything stands on the ring.
import { cut } from '../cut-text.ts'
import type { Segment } from './geometry.ts'
import { layLabels, type RingLabel } from './ring-labels.ts'
import { type Placed, type ZoneArcs, zoneArcs } from './ring-order.ts'

export type ZoneShape = {
  readonly zone: string
  readonly radius: number
  readonly from: number
  readonly to: number
  /** Cut where the arc is too short for it; null: no room at all. */
  readonly text: string | null
}
export type Ring = {
  readonly width: number
  /** Above and below the centre. */
  readonly top: number
  readonly bottom: number
  /** Of the clusters' segments. */
  readonly inner: number
  readonly outer: number
  readonly segments: readonly Segment[]
  readonly zones: readonly ZoneShape[]
  /** Zones for which there is no room. */
  readonly zonesLeft: readonly string[]
  /** Bars of calls stand from `inner` on, the longest up to `outer`. */
  readonly bars: { readonly inner: number; readonly outer: number }
  readonly labels: readonly RingLabel[]
}

export type RingInput = {
  /** In the order of the ring. */
  readonly clusters: readonly Placed[]
  /** Of the place for it, in pixels. */
  readonly width: number
  /** Bars of calls need room. */
  readonly bars: boolean
  /** A zone that must be shown. */
  readonly zone: string | null
  /** Names that are shown first, where there is no room for all. */
  readonly first: ReadonlySet<string>
}

/** What lies around the segments, from the inside out: gap, tracks of zones, bars of calls, gap, names. */
type Measures = { readonly band: number; readonly track: number; readonly tracks: number; readonly bar: number }
const wide: Measures = { band: 18, track: 16, tracks: 3, bar: 28 }
const narrow: Measures = { band: 14, track: 14, tracks: 2, bar: 16 }
/** For the arrows that say where calls of a bucket go. */
const noBar = 10
/** Below it names would leave no room for the ring. */
const narrowBelow = 520
const gap = 8
const mostRadius = 224
const leastRadius = 32

export function layoutRing({ clusters, width, zone, first, bars }: RingInput): Ring {
  const measures = width < narrowBelow ? narrow : wide
  const zones = zoneArcs(clusters, measures.tracks, zone)
  const bar = bars ? measures.bar : noBar
  const around = measures.band + gap + zones.tracks * measures.track + bar + gap
  const segments = layoutSegments(clusters)
  const { labels, inner, top, bottom } = layLabels({
    segments,
    width,
    first,
    around,
    radii: { least: leastRadius, most: mostRadius },
  })
  const outer = inner + measures.band
  const barsFrom = outer + gap + zones.tracks * measures.track
  return {
    ...{ width, top, bottom, inner, outer, segments, labels },
    zones: layoutZones(zones, segments, (track) => outer + gap + (track + 0.5) * measures.track),
    zonesLeft: zones.left,
    bars: { inner: barsFrom, outer: barsFrom + bar },
  }
}

/** Of the share of a segment so much is left free. */
const padShare = 0.16
const mostPad = 0.06

function layoutSegments(clusters: readonly Placed[]): readonly Segment[] {
  const step = (2 * Math.PI) / clusters.length
  const pad = Math.min(mostPad, step * padShare) / 2
  return clusters.map(({ name }, index) => {
    const mid = index * step
    return { name, mid, from: mid - step / 2 + pad, to: mid + step / 2 - pad }
  })
}

/** A letter of a zone's name. */
const zoneLetter = 6.4
const leastLetters = 4

function layoutZones(
  { arcs }: ZoneArcs,
  segments: readonly Segment[],
  radiusOf: (track: number) => number,
): readonly ZoneShape[] {
  return arcs.map(({ zone, track, first, count }) => {
    const radius = radiusOf(track)
    const begin = segments[first]
    const end = segments[(first + count - 1) % segments.length]
    const whole = count === segments.length
    const from = whole ? -Math.PI : (begin?.from ?? 0)
    const last = whole ? Math.PI : (end?.to ?? 0)
    const to = last < from ? last + 2 * Math.PI : last
    // On a full circle names stand above each other at the top.
    const room = Math.min(to - from, Math.PI) * radius - gap
    return { zone, radius, from, to, text: cut(zone, Math.floor(room / zoneLetter), leastLetters) }
  })
}
