// All that a decision about a bucket looks at: the fleet, the bucket with its copies, and what stands in the tables already.
import type { PlacementClass } from '../placement/placement.ts'
import type { PlacementCluster } from '../placement/placement-rules.ts'
import type { BucketPolicies } from '../policy/definitions.ts'
import type { Reason } from '../reason.ts'
import type { MasterChoice } from '../replica/regress.ts'
import type { Observed, TaskKind } from '../replica/replica-state.ts'
import type { RouteOverride } from '../route/route-decision.ts'
import type { RouteTable } from '../route/routing-table.ts'
import type { MasterStop, StoreProblem, Trouble } from '../trouble/trouble.ts'

export type FleetStore = PlacementCluster['stores'][number] & {
  readonly bucketNameTemplate: string
  /** It was down, answers again, and has not been well for long enough to take calls while others can. */
  readonly returning: boolean
  /** What a mover suffers of it; null when none does. */
  readonly problem: StoreProblem | null
}
export type FleetCluster = Omit<PlacementCluster, 'stores'> & {
  readonly stores: readonly FleetStore[]
  /** One of its function deployments is not down. */
  readonly functionsAnswer: boolean
}
export type FleetState = {
  readonly clusters: readonly FleetCluster[]
  readonly classesInUse: readonly PlacementClass[]
  /** The ids of callers, by name. */
  readonly callers: ReadonlyMap<string, string>
}
export type ReplicaRow = {
  readonly id: string
  readonly storageId: string
  readonly wanted: boolean
  readonly serving: boolean
  /** The last decision found it too stale. */
  readonly stale: boolean
  readonly observed: Observed
  /** A user lets it go: its data stays, and FaDO forgets it. */
  readonly released: boolean
  /** The work on the whole copy that stands in the queue, and why its last run did not end well. */
  readonly task: TaskKind | null
  readonly trouble: Trouble | null
  readonly conflicts: number
  /**
   * Age of the oldest change it is known to lack, held deletes included; null when it lacks none. While the master is stopped:
   * as it was at the stop.
   */
  readonly oldestSeconds: number | null
  /** Number of the route that no longer names it; null while wanted. */
  readonly withdrawnNumber: number | null
  /** Seconds since every proxy had ACKed that route; null before. */
  readonly withdrawnSeconds: number | null
}
export type BucketState = {
  readonly id: string
  readonly name: string
  readonly state: 'creating' | 'active' | 'deleting'
  readonly masterStorageId: string
  readonly masterBucketName: string
  readonly masterStop: MasterStop | null
  /** What a user chose of a master that went backwards. */
  readonly masterChoice: MasterChoice | null
  /** The work on the master that stands in the queue, and why its last run did not end well. */
  readonly masterTask: TaskKind | null
  readonly masterTrouble: Trouble | null
  /** With state deleting: the master's part is done too. */
  readonly masterDone: boolean
  readonly policies: BucketPolicies
  readonly override: RouteOverride | null
  readonly replicas: readonly ReplicaRow[]
  /** Copies that lie there already and are to be taken over. */
  readonly takeovers: readonly { readonly storageId: string; readonly bucketName: string }[]
  readonly route: { readonly number: number; readonly table: RouteTable | null } | null
  /** Stores where a bucket of this name is in the way. */
  readonly foreignStores: ReadonlySet<string>
  /** Highest route number of this bucket that every proxy that counts has ACKed; null = no proxy counts. */
  readonly ackedThrough: number | null
}

/** What an earlier decision left in the tables: where a new one says the same, nothing is written. */
export type StoredDecision = {
  readonly condition: string
  readonly reasons: readonly Pick<Reason, 'code' | 'message'>[]
  readonly overridden: boolean
  /** Kind of the task that stands there, by store. */
  readonly tasks: ReadonlyMap<string, string>
}
