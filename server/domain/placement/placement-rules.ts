// The filter of placement: which clusters may hold a replica of a bucket, rule by rule, with what would flip each verdict.
import type { ClusterState } from '../fleet/cluster.ts'
import { zonesAllow } from '../fleet/zones.ts'
import type { BucketPolicies } from '../policy/definitions.ts'
import { listOf, type ReasonCode } from '../reason.ts'

export type PlacementStore = {
  readonly id: string
  readonly name: string
  /** false while it is being removed. */
  readonly active: boolean
  readonly healthy: boolean
  /** A bucket of this name is there that FaDO did not make or has given up. */
  readonly foreignBucket: boolean
}
export type PlacementCluster = {
  readonly name: string
  readonly zones: readonly string[]
  readonly state: ClusterState
  /** How many function deployments it has. */
  readonly functions: number
  readonly stores: readonly PlacementStore[]
}
export type PlacementPolicies = Pick<BucketPolicies, 'zones' | 'target_replica_count' | 'replica_locations'>

/** What is there of a copy now. `wanted`: the last decision keeps it. */
export type PresentCopy = { readonly storageId: string; readonly wanted: boolean; readonly complete: boolean }

export type RuleInput = {
  readonly masterStorageId: string
  readonly policies: PlacementPolicies
  readonly present: readonly PresentCopy[]
}
type Check = { readonly ok: boolean; readonly reason: string; readonly flip?: string }
type Rule = {
  readonly name: string
  /** Why a cluster that it refuses takes no calls. */
  readonly code: ReasonCode
  /** Policies themselves exclude what it refuses; else that only stands in the way now. */
  readonly permanent: boolean
  readonly ask: (cluster: PlacementCluster, input: RuleInput) => Check
}

const hasCopy = (cluster: PlacementCluster, input: RuleInput) =>
  input.present.some((copy) => copy.wanted && cluster.stores.some((store) => store.id === copy.storageId))

/** The stores of the cluster that replica_locations names; all of them where it is not set. */
export function locatedStores(cluster: PlacementCluster, policies: PlacementPolicies): readonly PlacementStore[] {
  const names = policies.replica_locations
  return names === null ? cluster.stores : cluster.stores.filter((store) => names.includes(store.name))
}

/** Asked in this order; after the first that fails the rest is skipped. */
const rules = [
  {
    name: 'master',
    code: 'NO_COPY',
    permanent: true,
    ask: (cluster, { masterStorageId }) =>
      cluster.stores.some((store) => store.id === masterStorageId)
        ? { ok: false, reason: 'holds the master: one copy of a bucket per cluster' }
        : { ok: true, reason: 'does not hold the master' },
  },
  {
    name: 'zones',
    code: 'ZONE_FORBIDS',
    permanent: true,
    ask: (cluster, { policies: { zones } }) =>
      zonesAllow(zones, cluster)
        ? { ok: true, reason: zones.length === 0 ? 'all zones are allowed' : 'lies in an allowed zone' }
        : {
            ok: false,
            reason: `lies in ${cluster.zones.length === 0 ? 'no zone' : listOf(cluster.zones)}, allowed ${zones.length === 1 ? 'is' : 'are'} ${listOf(zones)}`,
            flip: `zones with ${cluster.zones[0] ?? 'a zone of this cluster'}`,
          },
  },
  {
    name: 'location',
    code: 'NO_COPY',
    permanent: true,
    ask: (cluster, { policies }) => {
      if (policies.replica_locations === null) return { ok: true, reason: 'locations are not fixed' }
      if (locatedStores(cluster, policies).length > 0)
        return { ok: true, reason: 'replica_locations names a store here' }
      const store = cluster.stores[0]?.name
      return {
        ok: false,
        reason: 'replica_locations names no store here',
        ...(store === undefined ? {} : { flip: `replica_locations with ${store}` }),
      }
    },
  },
  {
    name: 'state',
    code: 'NOT_ACTIVE',
    permanent: false,
    ask: (cluster, input) => {
      if (cluster.state === 'active') return { ok: true, reason: 'takes new copies' }
      if (cluster.state === 'cordoned' && hasCopy(cluster, input))
        return { ok: true, reason: 'cordoned, but has the copy' }
      return { ok: false, reason: `is ${cluster.state}`, flip: 'cluster active' }
    },
  },
  {
    name: 'store',
    code: 'NO_COPY',
    permanent: false,
    ask: (cluster, { policies }) =>
      locatedStores(cluster, policies).some((store) => store.active)
        ? { ok: true, reason: 'has a store' }
        : { ok: false, reason: 'has no store that takes copies', flip: 'a storage deployment' },
  },
  {
    name: 'foreign_bucket',
    code: 'FOREIGN_BUCKET',
    permanent: false,
    ask: (cluster, { policies }) => {
      const stores = locatedStores(cluster, policies).filter((store) => store.active)
      if (stores.some((store) => !store.foreignBucket)) return { ok: true, reason: 'the name is free' }
      const names = listOf(stores.map((store) => store.name))
      return {
        ok: false,
        reason: `a bucket of that name is on ${names} already, which FaDO did not make or has let go`,
        flip: `that bucket gone from ${names}`,
      }
    },
  },
] as const satisfies readonly Rule[]

/** `count` is judged where clusters are selected. */
export type RuleName = (typeof rules)[number]['name'] | 'count'

/** Why a cluster takes no calls whose copy this rule keeps away. */
export const codeOfRefusal = (refusing: RuleName): ReasonCode =>
  rules.find(({ name }) => name === refusing)?.code ?? 'NO_COPY'

export type RuleVerdict = {
  readonly rule: RuleName
  readonly verdict: 'passed' | 'failed' | 'skipped'
  readonly reason: string
  /** What would turn the verdict; null where nothing sensible would. */
  readonly flip: string | null
}

export type FilteredCluster = {
  readonly cluster: PlacementCluster
  /** The first rule that fails; undefined when the cluster may hold a replica. */
  readonly failed: RuleName | undefined
  /** And it is one whose refusal is permanent. */
  readonly excluded: boolean
  readonly rules: readonly RuleVerdict[]
}

export function filterCluster(cluster: PlacementCluster, input: RuleInput): FilteredCluster {
  const verdicts: RuleVerdict[] = []
  let failed: RuleName | undefined
  let excluded = false
  for (const { name: rule, permanent, ask } of rules) {
    if (failed !== undefined) {
      verdicts.push({ rule, verdict: 'skipped', reason: `not asked: ${failed} failed`, flip: null })
      continue
    }
    const { ok, reason, flip }: Check = ask(cluster, input)
    verdicts.push({ rule, verdict: ok ? 'passed' : 'failed', reason, flip: flip ?? null })
    if (ok) continue
    failed = rule
    excluded = permanent
  }
  return { cluster, failed, excluded, rules: verdicts }
}
