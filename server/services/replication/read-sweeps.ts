// How often the master and the copies of a bucket are looked at as a whole, and why so often: decided from rows when somebody asks.
import { bucketPolicyValues, globalPolicyValues } from '../../db/policies/policy-values.ts'
import { type SweepRecord, sweepsOfBuckets } from '../../db/queue/sweep-facts.ts'
import type { Reason } from '../../domain/reason.ts'
import { planSweep, type SweepPlan, sweepPolicies } from '../../domain/replica/plan-sweep.ts'
import { reasonOfSweep } from '../../domain/replica/say-sweep.ts'
import type { ServiceDeps } from '../shared/deps.ts'

export type SweepView = Pick<SweepRecord, 'bucketId' | 'storageId' | 'of' | 'lastAt' | 'nextAt' | 'quietLooks'> &
  Pick<SweepPlan, 'seconds' | 'turnSeconds' | 'requestsADay'> & { readonly reason: Reason }

/** For each of these buckets, in their order: its master, then its copies; what is not looked at in turns is absent. */
export async function sweepsOf(
  { pool }: Pick<ServiceDeps, 'pool'>,
  bucketIds: readonly string[],
): Promise<SweepView[][]> {
  const [global, ofBuckets] = [await globalPolicyValues(pool), await bucketPolicyValues(pool, bucketIds)]
  const views = (await sweepsOfBuckets(pool, bucketIds)).map((stored): SweepView => {
    const set = { global, bucket: ofBuckets.get(stored.bucketId) ?? {} }
    const plan = planSweep(stored, sweepPolicies(set))
    return { ...stored, ...plan, reason: reasonOfSweep(plan, { ...stored, store: stored.masterStore }) }
  })
  const found = Map.groupBy(views, ({ bucketId }) => bucketId)
  return bucketIds.map((id) => found.get(id) ?? [])
}
