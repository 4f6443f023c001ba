import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from '../../server/db/core/pool.ts'

/** Resolves when a statement in this pool's database waits for a lock that another transaction holds. */
export async function untilSomebodyWaits(pool: Pool): Promise<void> {
  const waiting = `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  while ((await pool.query<{ n: number }>(waiting)).rows[0]?.n === 0) await sleep(5)
}
