import type { Sql } from '../../db/core/pool.ts'
import type { Known } from '../../db/terms/callers.ts'

/** How a new caller is known: checked, and as it is stored. */
export type HowKnown = {
  readonly known: Known
  /** What is noted of it for those who ask later who made whom. */
  readonly detail: Readonly<Record<string, unknown>>
  /** What calls show, where FaDO made it: shown once and not stored. */
  readonly secret: string | null
  /** In the transaction that stores it. Throws CONFLICT where another caller is known in a way that does not go with this one. */
  readonly requireAlike: (sql: Sql) => Promise<void>
}
