import type { Pool } from '../db/core/pool.ts'
import { markMisjudged } from '../db/deciding/freshness.ts'
import { policyDefinitions } from '../domain/policy/definitions.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'

/** How late a copy that became too stale may leave its route. */
const everySeconds = 0.5

export function startFreshnessMonitor(deps: { pool: Pool; log: Log }): { stop(): Promise<void> } {
  const { pool, log } = deps
  return startWorkLoop({
    onError: (error) => log.error({ err: error }, 'the age of copies could not be read'),
    async step() {
      await pool.transaction((tx) => markMisjudged(tx, policyDefinitions.max_staleness.default))
      return everySeconds
    },
  })
}
