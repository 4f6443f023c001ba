// Placement: filter -> score -> select. Deterministic, independent of the order of its input, and sticky: a copy moves only
// when a rule forbids it or the count shrinks.

import { counted, listOf, type Reason } from '../reason.ts'
import {
  type FilteredCluster,
  filterCluster,
  locatedStores,
  type PlacementCluster,
  type PlacementPolicies,
  type PlacementStore,
  type PresentCopy,
  type RuleVerdict,
  zonesAllow,
} from './placement-rules.ts'

export type PlacementCondition = 'PLACED' | 'DEGRADED' | 'INFEASIBLE'
export type PlacementInput = {
  readonly masterStorageId: string
  readonly policies: PlacementPolicies
  readonly clusters: readonly PlacementCluster[]
  readonly present: readonly PresentCopy[]
  /** `classKey` of every placement class that a route uses now; the last tie goes to one of them. */
  readonly classesInUse: ReadonlySet<string>
}
export type ClusterPlacement = {
  readonly cluster: string
  readonly chosen: boolean
  /** The store that holds or would hold the copy. */
  readonly storageId: string | null
  readonly rules: readonly RuleVerdict[]
}
export type Placement = {
  readonly condition: PlacementCondition
  readonly reasons: readonly Reason[]
  /** Stores that shall hold a replica, by id, sorted. */
  readonly replicas: readonly string[]
  readonly clusters: readonly ClusterPlacement[]
}

export const classKey = (clusters: Iterable<string>): string => [...clusters].sort().join('\0')
const byName = (a: { readonly name: string }, b: { readonly name: string }) =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0

type Candidate = { readonly name: string; readonly store: PlacementStore; readonly score: readonly number[] }

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
function select(candidates: readonly Candidate[], count: number, master: string, input: PlacementInput): Candidate[] {
  const ranked = candidates.toSorted((a, b) => compareScores(a, b) || byName(a, b))
  const last = ranked[count - 1]
  if (last === undefined) return ranked.slice(0, count)
  const sure = ranked.filter((one) => compareScores(one, last) < 0)
  const tied = ranked.filter((one) => compareScores(one, last) === 0)
  if (sure.length + tied.length === count) return ranked.slice(0, count)
  const names = new Set(tied.map((one) => one.name))
  const fixed = [master, ...sure.map((one) => one.name)]
  for (const key of [...input.classesInUse].sort()) {
    const members = key.split('\0')
    const rest = members.filter((name) => !fixed.includes(name))
    const fits = fixed.every((name) => members.includes(name)) && rest.every((name) => names.has(name))
    if (fits && rest.length === count - sure.length) return [...sure, ...tied.filter((one) => rest.includes(one.name))]
  }
  return ranked.slice(0, count)
}

export function placeBucket(input: PlacementInput): Placement {
  const clusters = input.clusters.toSorted(byName)
  const filtered = clusters.map((cluster) => filterCluster(cluster, input))
  const candidates = filtered.flatMap((one): Candidate[] => {
    const store = one.failed === undefined ? storeFor(one, input) : undefined
    return store ? [{ name: one.cluster.name, store, score: score(one.cluster, store, input) }] : []
  })
  const { replica_locations: locations, target_replica_count: target, zones } = input.policies
  const master = clusters.find((cluster) => cluster.stores.some((store) => store.id === input.masterStorageId))
  const masterStore = master?.stores.find((store) => store.id === input.masterStorageId)
  const wanted = locations === null ? target : locations.filter((name) => name !== masterStore?.name).length
  const chosen = select(candidates, Math.min(wanted, candidates.length), master?.name ?? '', input)
  const chosenNames = new Set(chosen.map((one) => one.name))

  const results = filtered.map((one): ClusterPlacement => {
    const isChosen = chosenNames.has(one.cluster.name)
    const store = candidates.find((candidate) => candidate.name === one.cluster.name)?.store
    const count: RuleVerdict =
      one.failed !== undefined
        ? { rule: 'count', verdict: 'skipped', reason: `not asked: ${one.failed} failed`, flip: null }
        : isChosen
          ? { rule: 'count', verdict: 'passed', reason: `one of ${counted(wanted, 'replica')} wanted`, flip: null }
          : {
              rule: 'count',
              verdict: 'failed',
              reason: wanted === 0 ? 'no replica is wanted' : `${counted(wanted, 'replica')} wanted, others come first`,
              flip: `target_replica_count ${candidates.length}`,
            }
    return { cluster: one.cluster.name, chosen: isChosen, storageId: store?.id ?? null, rules: [...one.rules, count] }
  })

  const reasons: Reason[] = []
  const known = new Set(clusters.flatMap((cluster) => cluster.zones))
  const unknown = zones.filter((zone) => !known.has(zone))
  if (unknown.length > 0) reasons.push({ code: 'UNKNOWN_ZONE', message: `No cluster lies in ${listOf(unknown)}` })
  const masterAllowed = master === undefined || zonesAllow(zones, master)
  if (!masterAllowed)
    reasons.push({
      code: 'RESIDENCY_VIOLATION',
      message: `The master lies where its data may not be: the cluster ${master?.name} is in none of the allowed zones ${listOf(zones)}`,
      ...(masterStore === undefined ? {} : { store: masterStore.name }),
    })
  if (chosen.length < wanted)
    reasons.push({ code: 'TOO_FEW_CLUSTERS', message: tooFew(wanted, chosen.length, filtered, locations) })
  for (const one of filtered.filter((cluster) => cluster.failed === 'foreign_bucket'))
    if (wanted > 0) reasons.push({ code: 'FOREIGN_BUCKET', message: foreignMessage(one) })
  const unhealthy = [...chosen.map((one) => one.store), ...(masterStore ? [masterStore] : [])].filter((s) => !s.healthy)
  for (const store of unhealthy.toSorted(byName))
    reasons.push({ code: 'STORE_UNREACHABLE', message: `The store ${store.name} does not answer`, store: store.name })

  // Infeasible is what the policies themselves exclude; what only stands in the way now degrades.
  const allowed = filtered.filter((one) => !['master', 'zones', 'location'].includes(one.failed ?? ''))
  const infeasible = (wanted > 0 && allowed.length === 0) || (!masterAllowed && allowed.length === 0)
  const degraded = chosen.length < wanted || !masterAllowed || unhealthy.length > 0
  return {
    condition: infeasible ? 'INFEASIBLE' : degraded ? 'DEGRADED' : 'PLACED',
    reasons,
    replicas: chosen.map((one) => one.store.id).sort(),
    clusters: results,
  }
}

const foreignMessage = (one: FilteredCluster) =>
  `${one.cluster.name}: ${one.rules.find((rule) => rule.rule === 'foreign_bucket')?.reason ?? ''}`

function tooFew(
  wanted: number,
  placed: number,
  filtered: readonly FilteredCluster[],
  locations: readonly string[] | null,
): string {
  const causes = filtered
    .filter((one) => one.failed !== undefined && one.failed !== 'master')
    .map((one) => `${one.cluster.name}: ${one.rules.find((rule) => rule.verdict === 'failed')?.reason ?? ''}`)
  const what = locations === null ? counted(wanted, 'replica') : `Replicas on ${listOf(locations)}`
  const why = causes.length > 0 ? `: ${causes.slice(0, 5).join('; ')}` : ': there is no other cluster'
  return `${what} wanted, ${placed} placed${why}`
}
