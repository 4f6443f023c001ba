// What one process of all does: probes, ages, retention, and what a crash left half done.
import { forgetEvents } from '../db/core/events.ts'
import { startLeadership } from '../db/core/leadership.ts'
import type { Pool } from '../db/core/pool.ts'
import { forgetDecisions } from '../db/deciding/kept-decisions.ts'
import { forgetUnusedTables } from '../db/deciding/unused-tables.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'

/** Any number that no other duty has. */
const duty = 1

/** A duty with its own loop; started when this process becomes the leader, stopped when it no longer is. */
export type Duty = () => { stop(): Promise<void> }

export function startDuties(deps: { pool: Pool; log: Log; duties: readonly Duty[] }): { stop(): Promise<void> } {
  const { pool, log, duties } = deps
  return startLeadership({
    pool,
    duty,
    onError: (error) => log.error({ err: error }, 'the duties of the leader were interrupted'),
    lead() {
      log.info('this process probes and cleans up for all')
      const running = duties.map((start) => start())
      return async () => void (await Promise.all(running.map((one) => one.stop())))
    },
  })
}

/** Runs `work` every `seconds`. */
export function periodically(log: Log, seconds: number, what: string, work: () => Promise<unknown>): Duty {
  return () =>
    startWorkLoop({
      onError: (error) => log.error({ err: error }, `${what} failed`),
      idleMs: seconds * 1000,
      step: () => work().then(() => seconds),
    })
}

/** What subscriptions can still ask for: longer than any reconnect. */
const eventSeconds = 600

/** Deletes what nobody can ask for any more. */
export const retention = (pool: Pool, log: Log): Duty =>
  periodically(log, 60, 'retention', async () => {
    await forgetEvents(pool, eventSeconds)
    await forgetUnusedTables(pool)
    await forgetDecisions(pool)
  })
