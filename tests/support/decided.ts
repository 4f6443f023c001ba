import type { LoadedBucket } from '../../server/db/deciding/bucket-states.ts'
import type { Decided } from '../../server/db/deciding/decided.ts'
import type { FleetState } from '../../server/domain/decide/bucket-state.ts'
import { decideBucket } from '../../server/domain/decide/decide-bucket.ts'
import { differenceOf } from '../../server/domain/decide/difference.ts'

/** A bucket as the reconciler hands it over to be written. */
export const decidedOf = ({ state, stored }: LoadedBucket, fleet: FleetState): Decided => ({
  state,
  difference: differenceOf(state, stored, decideBucket(state, fleet)),
  intent: false,
})
