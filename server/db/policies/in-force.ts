// Which of the values that users set for a policy is in force, in SQL, as domain/policy/effective.ts says it: for statements that
// compare or order by one and do not wait for another.
import { type PolicyName, policyDefinitions } from '../../domain/policy/definitions.ts'

/** Whose the values of the fleet are. */
export const fleetId = '00000000-0000-0000-0000-000000000000'

const setFor = (policy: PolicyName, scope: 'global' | 'bucket' | 'cluster', ownerId: string): string =>
  `(SELECT v.value FROM policy_value v WHERE v.scope = '${scope}' AND v.scope_id = ${ownerId} AND v.name = '${policy}')`

/** SQL (jsonb): what is set for this bucket or cluster, else for the fleet; null: neither is, and the default is in force. */
export const valueInForce = (policy: PolicyName, scope: 'bucket' | 'cluster', ownerId: string): string =>
  `COALESCE(${setFor(policy, scope, ownerId)}, ${setFor(policy, 'global', `'${fleetId}'`)})`

/** SQL: the `failback_after` of a cluster, in seconds. */
export const failbackAfterOf = (clusterId: string): string =>
  `COALESCE((${valueInForce('failback_after', 'cluster', clusterId)} #>> '{}')::float8,
     ${policyDefinitions.failback_after.default})`

const priority = 'replication_priority'

/** SQL: the `replication_priority` of a bucket. */
export const priorityOf = (bucketId: string): string =>
  `COALESCE((${valueInForce(priority, 'bucket', bucketId)} #>> '{}')::int, 0)`

/** SQL: it is the bucket's own. */
export const hasOwnPriority = (bucketId: string): string => `(${setFor(priority, 'bucket', bucketId)}) IS NOT NULL`

/** SQL, for FROM: ids of the buckets with a priority of their own, as `bucket_id`. */
export const ownPriorities = `(SELECT v.scope_id AS bucket_id FROM policy_value v WHERE v.name = '${priority}' AND v.scope = 'bucket')`
