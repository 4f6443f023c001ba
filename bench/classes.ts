// Clusters of which few sets hold all buckets, and sets of them that no route has had yet.
import type { Layout } from './sized-fleet.ts'

/** All clusters lie there at first. */
export const zone = 'here'

export type Shape = {
  /** Clusters with masters, and those with copies. */
  readonly masters: number
  readonly others: number
  /** So many placement classes there are before anything is changed, each of a master's cluster and three others. */
  readonly classes: number
}
export const published: Shape = { masters: 4, others: 8, classes: 160 }

export type Classes = Layout & Pick<Shape, 'classes'> & { readonly holdersOf: (bucket: string) => readonly string[] }

/** A step by which any few sets of three have each cluster about as often. */
const stride = 43

export function layoutOf({ masters, others, classes }: Shape): Classes {
  const named = (letter: string, count: number) => Array.from({ length: count }, (_, n) => `${letter}${n}`)
  const clusters = { masters: named('m', masters), others: named('c', others) }
  const threes = subsets(clusters.others).filter((set) => set.length === 3)
  const copies = (n: number) => threes[(Math.floor((n % classes) / masters) * stride) % threes.length] ?? []
  const holders = (n: number) => [clusters.masters[n % masters] ?? '', ...copies(n)]
  return {
    ...{ clusters: [...clusters.masters, ...clusters.others], holders, zone, classes },
    holdersOf: (bucket) => holders(Number(bucket.split('-')[1])),
  }
}

/** As published it has three of eight of all buckets. It is no bucket's master. */
export const leaving = 'c0'

function subsets([first, ...rest]: readonly string[]): string[][] {
  if (first === undefined) return [[]]
  const without = subsets(rest)
  return [...without, ...without.map((set) => [first, ...set])]
}

/** The larger ones first: they are less often those of other buckets. */
export const partsOf = (holders: readonly string[]): readonly string[][] =>
  subsets(holders)
    .filter((set) => set.length > 0 && set.length < holders.length)
    .toSorted((a, b) => b.length - a.length)

/** Two buckets with the same holders, and a set of these that no route has had yet. */
export type Pair = { readonly first: string; readonly second: string; readonly clusters: readonly string[] }

export function* unused({ holders, classes }: Classes, size: number): Generator<Pair, undefined> {
  const had = new Set<string>()
  for (let turn = 0; ; turn++)
    for (let n = 0; n < classes; n++) {
      const set = partsOf(holders(n))[turn]
      if (set === undefined) return
      const name = set.toSorted().join()
      if (had.has(name)) continue
      had.add(name)
      const later = n + classes * (1 + turn)
      if (later >= size) return
      yield { first: `bucket-${later}`, second: `bucket-${later - classes}`, clusters: set }
    }
}
