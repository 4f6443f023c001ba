import type { Decision } from '../../domain/decide/decide-bucket.ts'
import type { LoadedBucket } from './bucket-states.ts'

export type Decided = LoadedBucket & {
  readonly decision: Decision
  /** A user's change is decided hereby, so the route's state may change though the route does not. */
  readonly intent: boolean
}
