// How links run inside of the ring: each end has a place of its own on its cluster's segment, and no curve leaves the ring.
import { apart, type Point, pointAt, type Segment, turns } from './geometry.ts'
import type { Ring } from './ring-layout.ts'

type Ends = { readonly id: string; readonly from: string; readonly to: string }
export type Curve = { readonly id: string; readonly line: string; readonly head: string }

/** Of a segment so much is used, so that ends of neighbours can be told apart. */
const usedShare = 0.72
/** Between a curve and the segments. */
const clearance = 3
const headLength = 8

/** `widthOf`: how wide a link is drawn, in pixels. */
export function curvesOf<L extends Ends>(
  links: readonly L[],
  { inner, segments }: Pick<Ring, 'inner' | 'segments'>,
  widthOf: (link: L) => number,
): readonly Curve[] {
  const byName = new Map(segments.map((segment) => [segment.name, segment]))
  const known = links.filter(({ from, to }) => from !== to && byName.has(from) && byName.has(to))
  const ports = portsOf(known, byName)
  return known.map((link) => ({
    id: link.id,
    ...curve(inner - clearance, ports.get(`${link.id} from`) ?? 0, ports.get(`${link.id} to`) ?? 0, widthOf(link)),
  }))
}

/** Ends on one segment stand in the order of what they lead to, so that curves to neighbours do not cross. */
function portsOf(links: readonly Ends[], byName: ReadonlyMap<string, Segment>): ReadonlyMap<string, number> {
  const mids = (name: string) => byName.get(name)?.mid ?? 0
  const ends = links.flatMap(({ id, from, to }) => [
    { id, port: `${id} from`, at: from, other: to },
    { id, port: `${id} to`, at: to, other: from },
  ])
  const ports = new Map<string, number>()
  for (const [at, here] of Map.groupBy(ends, (end) => end.at)) {
    const segment = byName.get(at)
    if (segment === undefined) continue
    const ahead = ({ other }: { other: string }) => turns(mids(other) - segment.mid)
    // Those there and back run beside each other: what comes first at one end comes last at the other.
    const beside = (a: string, b: string, other: string) => (a < b === at < other ? -1 : 1)
    const sorted = here.toSorted((a, b) => ahead(b) - ahead(a) || beside(a.id, b.id, a.other))
    const used = (segment.to - segment.from) * usedShare
    for (const [index, { port }] of sorted.entries()) {
      ports.set(port, segment.mid + ((index + 0.5) / sorted.length - 0.5) * used)
    }
  }
  return ports
}

function curve(radius: number, from: number, to: number, width: number): { line: string; head: string } {
  const between = apart(from, to)
  const middle = turns(to - from) <= Math.PI ? from + between / 2 : to + between / 2
  const [start, end] = [pointAt(radius, from), pointAt(radius, to)]
  // What is near bends little, what is opposite goes through the centre.
  const pull = pointAt(radius * (1 - between / Math.PI) * 0.8, middle)
  const length = Math.min(headLength + width / 2, radius / 4)
  const [dx, dy] = unit(end.x - pull.x, end.y - pull.y)
  const foot = { x: end.x - dx * length, y: end.y - dy * length }
  const half = width / 2 + 3
  return {
    line: `M${at(start)}Q${at(pull)} ${at(foot)}`,
    head: `M${at(end)}L${at({ x: foot.x - dy * half, y: foot.y + dx * half })}L${at({ x: foot.x + dy * half, y: foot.y - dx * half })}Z`,
  }
}

function unit(x: number, y: number): readonly [number, number] {
  const length = Math.hypot(x, y)
  return length === 0 ? [0, 0] : [x / length, y / length]
}

const at = ({ x, y }: Point) => `${x.toFixed(1)} ${y.toFixed(1)}`
