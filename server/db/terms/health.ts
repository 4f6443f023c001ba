// What the health of a store or a function deployment says, as `domain/fleet/failback.ts` has it. SQL, for a row called `alias`.
import { policyDefinitions } from '../../domain/policy/definitions.ts'
import { valueInForce } from '../policies/in-force.ts'

/** SQL: the policy `failback_after` in force for its cluster, in seconds. */
export const failbackAfter = (alias: string): string =>
  `COALESCE((${valueInForce('failback_after', 'cluster', `${alias}.cluster_id`)} #>> '{}')::float8,
     ${policyDefinitions.failback_after.default})`

/** SQL: its probes miss it. What was not probed yet is taken to be well. */
export const isDown = (alias: string): string => `${alias}.health = 'unhealthy'`

/** SQL: it was down and answers again, not for long enough yet. */
export const isReturning = (alias: string): string => `${alias}.health = 'returning'`

/** SQL: it is known to answer its probes. */
export const isAnswering = (alias: string): string => `${alias}.health IN ('healthy', 'returning')`

/** SQL: the columns of a `HealthRecord`. */
export const healthColumns = (alias: string): string =>
  `${alias}.health, ${alias}.health_since AS "healthSince", ${alias}.health_cause AS "healthCause",
   ${alias}.health_detail AS "healthDetail",
   CASE WHEN ${isReturning(alias)} THEN ${alias}.health_since + make_interval(secs => ${failbackAfter(alias)}) END AS "backAt"`
