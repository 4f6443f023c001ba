import { type EventStanding, judgeEvents, subscribes } from '../../domain/fleet/event-source.ts'
import type { DeleteBrake } from '../../domain/policy/definitions.ts'
import { effectivePolicy } from '../../domain/policy/effective.ts'
import { type SweepPolicies, sweepPolicies } from '../../domain/replica/plan-sweep.ts'
import type { Sql } from '../core/pool.ts'
import { bucketPolicyValues, globalPolicyValues } from '../policies/policy-values.ts'
import { eventsOfBuckets } from '../queue/bucket-events.ts'

/** The policies of a bucket that bind its movers, and whether its master tells of changes. */
export type MoverPolicies = {
  readonly deleteBrake: DeleteBrake
  readonly sweeps: SweepPolicies
  readonly events: EventStanding
  /** Its events are subscribed by FaDO. */
  readonly subscribes: boolean
}

export async function loadMoverPolicies(sql: Sql, bucketId: string): Promise<MoverPolicies> {
  const [global, ofBuckets] = [await globalPolicyValues(sql), await bucketPolicyValues(sql, [bucketId])]
  const set = { global, bucket: ofBuckets.get(bucketId) ?? {} }
  const [events] = await eventsOfBuckets(sql, [bucketId])
  return {
    deleteBrake: effectivePolicy('delete_brake', set).value,
    sweeps: sweepPolicies(set),
    events: events === undefined ? 'none' : judgeEvents(events),
    subscribes: events !== undefined && subscribes(events),
  }
}
