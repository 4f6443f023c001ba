// What the health of a store or a function deployment says, as `domain/fleet/failback.ts` has it. SQL, for a row called `alias`.

/** SQL: its probes miss it. What was not probed yet is taken to be well. */
export const isDown = (alias: string): string => `${alias}.health = 'unhealthy'`

/** SQL: it was down and answers again, not for long enough yet. */
export const isReturning = (alias: string): string => `${alias}.health = 'returning'`

/** SQL: it is known to answer its probes. */
export const isAnswering = (alias: string): string => `${alias}.health IN ('healthy', 'returning')`
