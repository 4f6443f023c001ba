// Placement: filter -> score -> select. Deterministic, independent of the order of its input, and sticky: a copy moves only
// when a rule forbids it or the count shrinks.

import { counted } from '../reason.ts'
import { conditionOf } from './condition.ts'
import type { ClusterPlacement, Placement, PlacementInput } from './placement.ts'
import { type FilteredCluster, filterCluster, type RuleVerdict } from './placement-rules.ts'
import { byName, type Candidate, candidatesOf, select } from './select.ts'

export function placeBucket(input: PlacementInput): Placement {
  const { masterStorageId, policies } = input
  const filtered = input.clusters.toSorted(byName).map((cluster) => filterCluster(cluster, input))
  const candidates = candidatesOf(filtered, input)
  const master = filtered.flatMap(({ cluster }) => {
    const store = cluster.stores.find((one) => one.id === masterStorageId)
    return store ? [{ cluster, store }] : []
  })[0]
  const { replica_locations: locations, target_replica_count: target } = policies
  const wanted = locations === null ? target : locations.filter((name) => name !== master?.store.name).length
  const chosen = select(candidates, Math.min(wanted, candidates.length), master?.cluster.name ?? '', input)
  return {
    ...conditionOf({ policies, filtered, chosen, wanted, master }),
    replicas: chosen.map((one) => one.store.id).sort(),
    clusters: filtered.map((one) => resultOf(one, { candidates, chosen, wanted })),
  }
}

type Chosen = {
  readonly candidates: readonly Candidate[]
  readonly chosen: readonly Candidate[]
  readonly wanted: number
}

/** What became of one cluster, every rule's verdict included. */
function resultOf(
  { cluster, failed, rules }: FilteredCluster,
  { candidates, chosen, wanted }: Chosen,
): ClusterPlacement {
  const isChosen = chosen.some((one) => one.name === cluster.name)
  const storageId = candidates.find((one) => one.name === cluster.name)?.store.id ?? null
  const verdict = (): RuleVerdict => {
    if (failed !== undefined)
      return { rule: 'count', verdict: 'skipped', reason: `not asked: ${failed} failed`, flip: null }
    if (isChosen)
      return { rule: 'count', verdict: 'passed', reason: `one of ${counted(wanted, 'replica')} wanted`, flip: null }
    const reason = wanted === 0 ? 'no replica is wanted' : `${counted(wanted, 'replica')} wanted, others come first`
    return { rule: 'count', verdict: 'failed', reason, flip: `target_replica_count ${candidates.length}` }
  }
  return { cluster: cluster.name, chosen: isChosen, storageId, rules: [...rules, verdict()] }
}
