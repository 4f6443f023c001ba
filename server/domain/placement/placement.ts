// What placement is asked and what it answers.
import type { Reason } from '../reason.ts'
import type { PlacementCluster, PlacementPolicies, PresentCopy, RuleVerdict } from './placement-rules.ts'

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
