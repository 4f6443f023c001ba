// Score and select: which of the clusters that may hold a replica shall. Sticky: what holds a copy goes first.

import type { PlacementClass, PlacementInput } from './placement.ts'
import { type FilteredCluster, locatedStores, type PlacementCluster, type PlacementStore } from './placement-rules.ts'

/** Each once, in an order that goes by what they hold: of two that a tie could go to it is always the same. */
export function classesOf(tables: readonly (readonly string[])[]): PlacementClass[] {
  const byKey = new Map(tables.map((clusters) => [[...clusters].sort().join('\0'), clusters]))
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, clusters]) => clusters)
}

export const byName = (a: { readonly name: string }, b: { readonly name: string }) =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

/** A cluster that may hold a replica, with the store that would. */
export type Candidate = { readonly name: string; readonly store: PlacementStore; readonly score: readonly number[] }

/** Among a cluster's stores the one that has the copy, else the first by name. */
function storeFor({ cluster }: FilteredCluster, input: PlacementInput): PlacementStore | undefined {
  const usable = locatedStores(cluster, input.policies)
    .filter((store) => store.active && !store.foreignBucket)
    .toSorted(byName)
  const present = (wanted: boolean) =>
    usable.find((store) => input.present.some((copy) => copy.storageId === store.id && copy.wanted === wanted))
  return present(true) ?? present(false) ?? usable[0]
}

/** Smaller is better, compared figure by figure. */
function score(cluster: PlacementCluster, store: PlacementStore, input: PlacementInput): number[] {
  const copy = input.present.find((one) => one.storageId === store.id)
  const held = copy?.wanted ? (copy.complete ? 0 : 1) : copy?.complete ? 2 : 3
  return [held, store.healthy ? 0 : 1, cluster.functions > 0 ? 0 : 1]
}

function compareScores(a: Candidate, b: Candidate): number {
  for (const [i, figure] of a.score.entries()) {
    const difference = figure - (b.score[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** The best `count`; where equal ones compete for the last places, those that complete a class in use, else by name. */
export function select(
  candidates: readonly Candidate[],
  count: number,
  master: string,
  input: PlacementInput,
): Candidate[] {
  const ranked = candidates.toSorted((a, b) => compareScores(a, b) || byName(a, b))
  const last = ranked[count - 1]
  if (last === undefined) return ranked.slice(0, count)
  const sure = ranked.filter((one) => compareScores(one, last) < 0)
  const tied = ranked.filter((one) => compareScores(one, last) === 0)
  if (sure.length + tied.length === count) return ranked.slice(0, count)
  const names = new Set(tied.map((one) => one.name))
  const fixed = [master, ...sure.map((one) => one.name)]
  const isCompletion = (one: PlacementClass) =>
    one.length === fixed.length + count - sure.length &&
    fixed.every((name) => one.includes(name)) &&
    one.every((name) => names.has(name) || fixed.includes(name))
  const found = input.classesInUse.find(isCompletion)
  if (found !== undefined) return [...sure, ...tied.filter((one) => found.includes(one.name))]
  return ranked.slice(0, count)
}

/** The clusters that the rules leave, each with its store and score. */
export function candidatesOf(filtered: readonly FilteredCluster[], input: PlacementInput): Candidate[] {
  return filtered.flatMap((one): Candidate[] => {
    const store = one.failed === undefined ? storeFor(one, input) : undefined
    return store ? [{ name: one.cluster.name, store, score: score(one.cluster, store, input) }] : []
  })
}
