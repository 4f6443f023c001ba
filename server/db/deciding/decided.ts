import type { BucketState } from '../../domain/decide/bucket-state.ts'
import type { Difference } from '../../domain/decide/difference.ts'
import type { KeptDecision } from '../../domain/decide/kept-decision.ts'

/** A bucket that was decided, and what that changes of what stands in the tables. */
export type Decided = {
  readonly state: Pick<BucketState, 'id' | 'name' | 'route'>
  readonly difference: Difference
  /** A user's change is decided hereby, so the route's state may change though the route does not. */
  readonly intent: boolean
  readonly kept: ToKeep
}

/** What is to be known of the decision later. */
export type ToKeep = {
  readonly content: KeptDecision
  /** That it was made from: of the bucket, and of the policies of global scope. */
  readonly versions: { readonly bucket: number; readonly policies: number }
  /** Names what is kept of the decision before; null: nothing is. */
  readonly last: string | null
}
