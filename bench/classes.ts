// Clusters of which few sets hold all buckets, and sets of them that no route has had yet.
import type { Layout } from './sized-fleet.ts'

const masters = ['m0', 'm1', 'm2', 'm3']
const others = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7']
const threes = subsets(others).filter((set) => set.length === 3)
/** A step by which any few of them have each cluster about as often. */
const stride = 43
const sets = threes.map((_, n) => threes[(n * stride) % threes.length] ?? [])
/** All clusters lie there at first. */
export const zone = 'here'

export type Classes = Layout & {
  /** So many placement classes there are before anything is changed, all of four clusters. */
  readonly classes: number
  readonly holdersOf: (bucket: string) => readonly string[]
}

/** `classes`: a multiple of 4, at most 224. With 12 and more of them some have `leaving`. */
export function layoutOf(classes: number): Classes {
  const holders = (n: number) => [masters[n % 4] ?? '', ...(sets[Math.floor((n % classes) / 4)] ?? [])]
  return {
    ...{ clusters: [...masters, ...others], holders, zone, classes },
    holdersOf: (bucket) => holders(Number(bucket.split('-')[1])),
  }
}

/** With 160 classes it has three of eight of all buckets. It is no bucket's master. */
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
