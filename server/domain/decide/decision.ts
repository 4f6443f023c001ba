// What is decided about one bucket, with reasons: its placement and route as they shall be, and the next step of each copy.
import type { Placement } from '../placement/placement.ts'
import type { Observed, TaskKind } from '../replica/replica-state.ts'
import type { RouteCandidate } from '../route/route-decision.ts'
import type { RouteTable } from '../route/routing-table.ts'

export type ReplicaChange =
  | { readonly kind: 'add'; readonly storageId: string; readonly bucketName: string }
  /** Decided on what was observed: the mover may have begun to delete meanwhile. */
  | { readonly kind: 'want'; readonly id: string; readonly storageId: string; readonly observed: Observed }
  | { readonly kind: 'withdraw'; readonly id: string; readonly storageId: string }
  /** Every proxy agreed: the drain delay begins. */
  | { readonly kind: 'drain'; readonly id: string; readonly storageId: string }
  | {
      readonly kind: 'serve'
      readonly id: string
      readonly storageId: string
      readonly serving: boolean
      readonly stale: boolean
    }
  | { readonly kind: 'remove'; readonly id: string; readonly storageId: string }
/** Work that shall stand in the queue; what is there already stays as it is. */
export type WantedTask = { readonly storageId: string; readonly kind: TaskKind }
export type Decision = {
  readonly placement: Pick<Placement, 'condition' | 'reasons' | 'clusters'>
  readonly candidates: readonly RouteCandidate[]
  readonly changes: readonly ReplicaChange[]
  readonly tasks: readonly WantedTask[]
  readonly route: { readonly table: RouteTable | null; readonly overridden: boolean; readonly changed: boolean }
  /** Nothing of the bucket is left: its row goes. */
  readonly gone: boolean
  /** Seconds after which it must be decided again though nothing happens; null = never. */
  readonly againAfter: number | null
}
