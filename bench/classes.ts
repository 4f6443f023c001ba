// Clusters of which few sets hold all buckets, and sets of them that no route has had yet.
import type { Layout } from './sized-fleet.ts'

const masters = ['m0', 'm1', 'm2', 'm3']
const others = ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7']
/** Each cluster of `others` has three of eight of all buckets. */
const sets = subsets(others).filter((set) => set.length === 3)
/** So many placement classes there are before anything is changed, all of four clusters. */
const classes = 4 * 40

/** All clusters lie there at first. */
export const zone = 'here'
export const layout: Layout = {
  clusters: [...masters, ...others],
  holders: (n) => [masters[n % 4] ?? '', ...(sets[Math.floor((n % classes) / 4)] ?? [])],
  zone,
}

/** It has three of eight of all buckets, and is no bucket's master. */
export const leaving = 'c0'

export const holdersOf = (bucket: string): readonly string[] => layout.holders(Number(bucket.split('-')[1]))

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

export function* unused(size: number): Generator<Pair, undefined> {
  const had = new Set<string>()
  for (let turn = 0; ; turn++)
    for (let n = 0; n < classes; n++) {
      const set = partsOf(layout.holders(n))[turn]
      if (set === undefined) return
      const name = set.toSorted().join()
      if (had.has(name)) continue
      had.add(name)
      const later = n + classes * (1 + turn)
      if (later >= size) return
      yield { first: `bucket-${later}`, second: `bucket-${later - classes}`, clusters: set }
    }
}
