import type { DeleteBrake } from '../../domain/policy/definitions.ts'
import { bucketPolicies } from '../../domain/policy/effective.ts'
import type { Sql } from '../core/pool.ts'
import { bucketPolicyValues, globalPolicyValues } from '../policies/policy-values.ts'

/** The policies of a bucket that bind its movers, and whether its master's store tells of changes. */
export type MoverPolicies = {
  readonly deleteBrake: DeleteBrake
  readonly maxStaleness: number
  /** Seconds within which each object is compared with all that is beside its bytes; 0: never. */
  readonly fullCompare: number
  readonly hasEvents: boolean
}

export async function loadMoverPolicies(sql: Sql, bucketId: string): Promise<MoverPolicies> {
  const [global, ofBuckets] = [await globalPolicyValues(sql), await bucketPolicyValues(sql, [bucketId])]
  const policies = bucketPolicies({ global, bucket: ofBuckets.get(bucketId) ?? {} })
  const store = await sql.query<{ hasEvents: boolean }>(
    `SELECT 'webhook-events' = ANY(s.capabilities) AS "hasEvents" FROM bucket b
     JOIN storage_deployment s ON s.id = b.master_storage_id WHERE b.id = $1`,
    [bucketId],
  )
  return {
    deleteBrake: policies.delete_brake,
    maxStaleness: policies.max_staleness,
    fullCompare: policies.full_compare,
    hasEvents: store.rows[0]?.hasEvents ?? false,
  }
}
