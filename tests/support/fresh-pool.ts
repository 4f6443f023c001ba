import { onTestFinished } from 'vitest'
import { createPool, type Pool } from '../../server/db/core/pool.ts'
import { freshDatabase } from './postgres.ts'

/** A pool of at most so many connections on a new, migrated database; it ends with the test. */
export async function freshPool(max = 2): Promise<Pool> {
  const pool = createPool(await freshDatabase(), { max, onError: () => undefined })
  onTestFinished(() => pool.end())
  return pool
}
