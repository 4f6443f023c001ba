import type { Pool } from '../../server/db/core/pool.ts'
import { type LoadedBucket, loadBuckets } from '../../server/db/deciding/bucket-states.ts'
import type { Decided } from '../../server/db/deciding/decided.ts'
import { writeDecisions } from '../../server/db/deciding/decisions.ts'
import { type LoadedFleet, loadFleet } from '../../server/db/deciding/fleet-state.ts'
import { decideBucket } from '../../server/domain/decide/decide-bucket.ts'
import { differenceOf } from '../../server/domain/decide/difference.ts'
import { keptDecision } from '../../server/domain/decide/kept-decision.ts'

/** A bucket as the reconciler hands it over to be written. */
export function decidedOf({ state, stored, sources, version, keptId }: LoadedBucket, fleet: LoadedFleet): Decided {
  const decision = decideBucket(state, fleet)
  return {
    state,
    difference: differenceOf(state, stored, decision),
    intent: false,
    kept: {
      content: keptDecision(state, fleet, decision, sources),
      versions: { bucket: version, policies: fleet.version },
      last: keptId,
    },
  }
}

/** Decides these buckets as the reconciler does; what was decided of each. */
export const decide = (pool: Pool, ids: readonly string[]) =>
  pool.transaction(async (tx) => {
    const loaded = await loadFleet(tx)
    const decided = (await loadBuckets(tx, ids, loaded.globalPolicies)).map((bucket) => decidedOf(bucket, loaded))
    await writeDecisions(tx, decided)
    return decided.map(({ state, difference, kept }) => ({
      bucketName: state.name,
      table: difference.route ? difference.route.table : (state.route?.table ?? null),
      kept: kept.content,
    }))
  })
