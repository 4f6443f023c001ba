import type { BucketState } from '../../domain/decide/bucket-state.ts'
import type { Difference } from '../../domain/decide/difference.ts'

/** A bucket that was decided, and what that changes of what stands in the tables. */
export type Decided = {
  readonly state: Pick<BucketState, 'id' | 'name' | 'route'>
  readonly difference: Difference
  /** A user's change is decided hereby, so the route's state may change though the route does not. */
  readonly intent: boolean
}
