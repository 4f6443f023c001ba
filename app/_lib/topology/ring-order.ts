// In which order clusters stand on the ring, and over which of them the arcs of zones reach.

export type Placed = { readonly name: string; readonly zones: readonly string[] }

/** Zones by how many clusters they have, the largest first. */
export function zonesBySize(clusters: readonly Placed[]): readonly string[] {
  const sizes = new Map<string, number>()
  for (const zone of clusters.flatMap(({ zones }) => zones)) sizes.set(zone, (sizes.get(zone) ?? 0) + 1)
  return [...sizes].sort(([a, n], [b, m]) => m - n || compare(a, b)).map(([zone]) => zone)
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/**
 * Those of a zone stand beside each other, for as many zones as can be: by the largest zones first, which suits zones within
 * zones, or by the smallest, which suits places that kinds cut across.
 */
export function ringOrder<C extends Placed>(clusters: readonly C[]): readonly C[] {
  const zones = zonesBySize(clusters)
  const [large, small] = [byZones(clusters, zones), byZones(clusters, zones.toReversed())]
  const whole = (ordered: readonly C[]) =>
    zones.filter((zone) => runsOf(ordered.map((one) => one.zones.includes(zone))).length === 1).length
  return whole(large) >= whole(small) ? large : small
}

/** Members of the first zone, and among them and the others those of the second, and so on. */
function byZones<C extends Placed>(clusters: readonly C[], zones: readonly string[]): readonly C[] {
  const keys = new Map(clusters.map((one) => [one, zones.map((zone) => (one.zones.includes(zone) ? 0 : 1)).join('')]))
  return clusters.toSorted((a, b) => compare(keys.get(a) ?? '', keys.get(b) ?? '') || compare(a.name, b.name))
}

/** A zone over neighbours on the ring: `count` of them from the index `first` on, over the end of the list too. */
export type Run = { readonly first: number; readonly count: number }
export type ZoneArc = Run & { readonly zone: string; readonly track: number }
export type ZoneArcs = {
  readonly arcs: readonly ZoneArc[]
  /** Track 0 is the innermost; the largest zones lie outside of those that they hold. */
  readonly tracks: number
  /** Zones for which no track was left. */
  readonly left: readonly string[]
}

/** `chosen` gets a track before all others. `most`: how many tracks there may be. */
export function zoneArcs(ordered: readonly Placed[], most: number, chosen: string | null = null): ZoneArcs {
  const taken: boolean[][] = []
  const left: string[] = []
  const arcs: ZoneArc[] = []
  for (const zone of tellingFirst(ordered, chosen)) {
    const members = ordered.map((one) => one.zones.includes(zone))
    const free = taken.findIndex((track) => members.every((member, at) => !member || !track[at]))
    const track = free >= 0 ? free : taken.length
    if (track >= most) {
      left.push(zone)
      continue
    }
    taken[track] = members.map((member, at) => member || taken[track]?.[at] === true)
    arcs.push(...runsOf(members).map((run) => ({ zone, track, ...run })))
  }
  const longest = taken.map((_, track) => Math.max(...arcs.flatMap((arc) => (arc.track === track ? arc.count : []))))
  const inward = [...taken.keys()].toSorted((a, b) => (longest[a] ?? 0) - (longest[b] ?? 0))
  return { arcs: arcs.map((arc) => ({ ...arc, track: inward.indexOf(arc.track) })), tracks: taken.length, left }
}

/** A zone that all are in tells the least. */
function tellingFirst(clusters: readonly Placed[], chosen: string | null): readonly string[] {
  const rank = (zone: string) => (zone === chosen ? 0 : clusters.every(({ zones }) => zones.includes(zone)) ? 2 : 1)
  return zonesBySize(clusters).toSorted((a, b) => rank(a) - rank(b))
}

/** Neighbours that are members, around the ring. */
export function runsOf(members: readonly boolean[]): readonly Run[] {
  const n = members.length
  if (members.every(Boolean)) return n === 0 ? [] : [{ first: 0, count: n }]
  const begins = members.flatMap((member, at) => (member && !members[(at + n - 1) % n] ? [at] : []))
  return begins.map((first) => {
    let count = 1
    while (members[(first + count) % n]) count++
    return { first, count }
  })
}
