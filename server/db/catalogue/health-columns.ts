import { failbackAfterOf } from '../policies/in-force.ts'
import { isReturning } from '../terms/health.ts'

/** SQL: what a `HealthRecord` has, of the store or function deployment called `alias`. */
export const healthColumns = (alias: string): string =>
  `${alias}.health, ${alias}.health_since AS "healthSince", ${alias}.health_cause AS "healthCause",
   ${alias}.health_detail AS "healthDetail",
   CASE WHEN ${isReturning(alias)} THEN ${alias}.health_since + make_interval(secs => ${failbackAfterOf(`${alias}.cluster_id`)})
   END AS "backAt"`
