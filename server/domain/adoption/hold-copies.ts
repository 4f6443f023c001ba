// Whether placement will keep the copies that an adoption takes over: what it would not keep it would evict, so that is refused
// before. Asks the rules of placement themselves. Pure.
import { filterCluster, type PlacementCluster, type PlacementPolicies } from '../placement/placement-rules.ts'

export type GivenCopy = {
  readonly storageId: string
  readonly store: string
  /** Its cluster's. */
  readonly cluster: Pick<PlacementCluster, 'name' | 'zones' | 'state'>
}

export type Refused = {
  /** Place in the list of copies. */
  readonly copy: number
  /** Zones forbid it, which no other value of this request can cure. */
  readonly unsafe: boolean
  readonly reason: string
}

export function refusedCopy(
  master: { readonly storageId: string; readonly cluster: string },
  copies: readonly GivenCopy[],
  policies: PlacementPolicies,
): Refused | null {
  for (const [copy, { storageId, store, cluster }] of copies.entries()) {
    const twin = copies.findIndex((other) => other.cluster.name === cluster.name)
    if (twin < copy)
      return { copy, unsafe: false, reason: `${copies[twin]?.store} lies in ${cluster.name} too: one copy per cluster` }
    const inMasters = cluster.name === master.cluster
    const ids = inMasters ? [storageId, master.storageId] : [storageId]
    const stores = ids.map((id) => ({ id, name: store, active: true, healthy: true, foreignBucket: false }))
    const present = [{ storageId, wanted: true, complete: false }]
    const input = { masterStorageId: master.storageId, policies, present }
    const { failed, rules } = filterCluster({ ...cluster, functions: 0, stores }, input)
    if (failed === undefined) continue
    const why = rules.find(({ verdict }) => verdict === 'failed')?.reason ?? ''
    return { copy, unsafe: failed === 'zones', reason: `${cluster.name} ${why}` }
  }
  return null
}
