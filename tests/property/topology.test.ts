// The ring of the Topology screen: whatever the fleet and the width, nothing lies on anything else.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { apart, pointAt } from '../../app/_lib/topology/geometry.ts'
import { curvesOf } from '../../app/_lib/topology/ring-curves.ts'
import { letter, lineHeight, overlap, type RingLabel, uprightBox } from '../../app/_lib/topology/ring-labels.ts'
import { layoutRing } from '../../app/_lib/topology/ring-layout.ts'
import { ringOrder, runsOf, zoneArcs } from '../../app/_lib/topology/ring-order.ts'

const zoneNames = ['eu', 'us', 'gpu', 'factory', 'germany', 'public', 'high-performance']
const clusters = (least: number, most: number) =>
  fc
    .uniqueArray(fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/), { minLength: least, maxLength: most })
    .chain((names) =>
      fc.tuple(...names.map((name) => fc.record({ name: fc.constant(name), zones: fc.subarray(zoneNames) }))),
    )
const widths = fc.integer({ min: 280, max: 1400 })
const laidOut = (
  of: readonly { name: string; zones: readonly string[] }[],
  width: number,
  first: readonly string[] = [],
) => layoutRing({ clusters: ringOrder(of), width, bars: true, zone: null, first: new Set(first) })

test('no name lies on another or beside the place, and of up to 50 clusters each has its name where there is room', () => {
  fc.assert(
    fc.property(clusters(1, 60), widths, (of, width) => {
      const ring = laidOut(of, width)
      const { labels } = ring
      for (const [at, label] of labels.entries()) {
        for (const other of labels.slice(at + 1)) expect(clash(label, other)).toBe(false)
        for (const { x, y } of corners(label)) {
          expect(Math.abs(x)).toBeLessThanOrEqual(ring.width / 2 + 1)
          expect(y).toBeGreaterThanOrEqual(-ring.top)
          expect(y).toBeLessThanOrEqual(ring.bottom)
        }
      }
      if (of.length <= 50 && width >= 760) expect(labels).toHaveLength(of.length)
    }),
    { numRuns: 200 },
  )
})

test('where there is no room for all names those come first that must be seen', () => {
  fc.assert(
    fc.property(clusters(30, 60), fc.integer({ min: 280, max: 420 }), fc.nat(), (of, width, pick) => {
      const one = of[pick % of.length]?.name ?? ''
      expect(laidOut(of, width, [one]).labels.map(({ name }) => name)).toContain(one)
    }),
    { numRuns: 50 },
  )
})

test('segments fill the ring without touching, and what is around them keeps its distance', () => {
  fc.assert(
    fc.property(clusters(1, 60), widths, (of, width) => {
      const { segments, inner, outer, bars, zones } = laidOut(of, width)
      for (const [at, segment] of segments.entries()) {
        const next = segments[(at + 1) % segments.length]
        expect(segment.to).toBeGreaterThan(segment.from)
        if (next && next !== segment)
          expect(apart(segment.mid, next.mid)).toBeGreaterThan((segment.to - segment.from) / 2)
      }
      expect(inner).toBeGreaterThan(0)
      expect(outer).toBeGreaterThan(inner)
      for (const { radius } of zones) {
        expect(radius).toBeGreaterThan(outer)
        expect(radius).toBeLessThan(bars.inner)
      }
    }),
    { numRuns: 100 },
  )
})

test('arcs of one track do not overlap, and each zone has its arcs over just its clusters, or is named as left', () => {
  fc.assert(
    fc.property(clusters(1, 40), fc.integer({ min: 1, max: 3 }), fc.constantFrom(...zoneNames), (of, most, chosen) => {
      const ordered = ringOrder(of)
      const { arcs, tracks, left } = zoneArcs(ordered, most, chosen)
      expect(tracks).toBeLessThanOrEqual(most)
      const at = (arc: { first: number; count: number }) =>
        Array.from({ length: arc.count }, (_, n) => (arc.first + n) % ordered.length)
      const cells = arcs.flatMap((arc) => at(arc).map((index) => `${arc.track} ${index}`))
      expect(new Set(cells).size).toBe(cells.length)
      const has = (zone: string) => of.some(({ zones }) => zones.includes(zone))
      for (const zone of zoneNames.filter(has)) {
        const covered = arcs.filter((arc) => arc.zone === zone).flatMap(at)
        const members = ordered.flatMap(({ zones }, index) => (zones.includes(zone) ? [index] : []))
        if (left.includes(zone)) expect(covered).toEqual([])
        else expect(covered.toSorted((a, b) => a - b)).toEqual(members)
      }
      if (has(chosen)) expect(left).not.toContain(chosen)
    }),
  )
})

test('as long as zones lie within zones each is whole, and the order does not hang on that of the answer', () => {
  const nested = {
    eu: ['eu'],
    germany: ['eu', 'germany'],
    france: ['eu', 'france'],
    us: ['us'],
    oregon: ['us', 'oregon'],
  }
  const places = fc.array(fc.constantFrom(...Object.values(nested)), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(places, (zones) => {
      const of = zones.map((one, at) => ({ name: `c${at}`, zones: one }))
      const ordered = ringOrder(of)
      expect(ringOrder(of.toReversed())).toEqual(ordered)
      for (const zone of new Set(zones.flat())) {
        expect(runsOf(ordered.map((one) => one.zones.includes(zone)))).toHaveLength(1)
      }
    }),
  )
})

test('no link leaves the ring, and no two ends on a cluster are in one place', () => {
  fc.assert(
    fc.property(
      clusters(2, 30),
      widths,
      fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 60 }),
      (of, width, pairs) => {
        const ring = laidOut(of, width)
        const names = ring.segments.map(({ name }) => name)
        const nameAt = (n: number) => names[n % names.length] ?? ''
        const links = [
          ...new Map(pairs.map(([a, b]) => [`${nameAt(a)} -> ${nameAt(b)}`, { from: nameAt(a), to: nameAt(b) }])),
        ]
          .map(([id, ends]) => ({ id, ...ends }))
          .filter(({ from, to }) => from !== to)
        const curves = curvesOf(links, ring, () => 4)
        expect(curves).toHaveLength(links.length)
        const ends = curves.flatMap(({ line, head }) => [
          line.slice(0, line.indexOf('Q')),
          head.slice(0, head.indexOf('L')),
        ])
        expect(new Set(ends).size).toBe(ends.length)
        for (const { line, head } of curves) {
          for (const [x, y] of numbers(line).concat(numbers(head))) expect(Math.hypot(x, y)).toBeLessThan(ring.outer)
        }
      },
    ),
    { numRuns: 100 },
  )
})

const numbers = (path: string): [number, number][] =>
  [...path.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)])

type Corner = { readonly x: number; readonly y: number }

/** Of what a name takes, turned as it is. */
function corners(label: RingLabel): readonly Corner[] {
  if (label.turn === 0) {
    const { left, right, top, bottom } = uprightBox(label)
    return [left, right].flatMap((x) => [top, bottom].map((y) => ({ x, y })))
  }
  const [width, half] = [label.text.length * letter, lineHeight / 2]
  const along = label.anchor === 'start' ? [0, width] : [-width, 0]
  const turn = (label.turn * Math.PI) / 180
  return along.flatMap((a) =>
    [-half, half].map((b) => ({
      x: label.x + a * Math.cos(turn) - b * Math.sin(turn),
      y: label.y + a * Math.sin(turn) + b * Math.cos(turn),
    })),
  )
}

/** Two rectangles, turned or not, by whether a line parts them. */
function clash(a: RingLabel, b: RingLabel): boolean {
  if (a.turn === 0 && b.turn === 0) return overlap(uprightBox(a), uprightBox(b))
  const [mine, theirs] = [corners(a), corners(b)]
  const axes = [a, b].flatMap(({ turn }) => [turn, turn + 90]).map((degrees) => (degrees * Math.PI) / 180)
  return axes.every((angle) => {
    const on = pointAt(1, angle)
    const reach = (all: readonly Corner[]) => all.map(({ x, y }) => x * on.x + y * on.y)
    const [m, t] = [reach(mine), reach(theirs)]
    return Math.min(...m) < Math.max(...t) - 0.01 && Math.min(...t) < Math.max(...m) - 0.01
  })
}
