// What placement is asked and what it answers.
import type { Reason } from '../reason.ts'
import type { PlacementCluster, PlacementPolicies, PresentCopy, RuleVerdict } from './placement-rules.ts'

export type PlacementCondition = 'PLACED' | 'DEGRADED' | 'INFEASIBLE'
/** The clusters of a route table. */
export type PlacementClass = readonly string[]

export type PlacementInput = {
  readonly masterStorageId: string
  readonly policies: PlacementPolicies
  readonly clusters: readonly PlacementCluster[]
  readonly present: readonly PresentCopy[]
  /** Every placement class that a route uses now, as `classesOf` orders them; the last tie goes to the first that fits. */
  readonly classesInUse: readonly PlacementClass[]
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
