// A lock that many transactions long work holds; it goes with its process, however that ends.
import type { Pool } from './pool.ts'

/** Runs `work` while nobody else holds the lock `name`; `undefined`, and nothing done, when someone does and `wait` is false. */
export async function withLock<T>(
  pool: Pool,
  name: string,
  wait: boolean,
  work: () => Promise<T>,
): Promise<T | undefined> {
  const client = await pool.dedicated()
  client.on('error', () => undefined) // the lock is gone with the connection; what the work does is checked where it is stored
  try {
    const key = [name]
    if (wait) {
      await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', key)
      return await work()
    }
    const { rows } = await client.query<{ held: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
      key,
    )
    return rows[0]?.held ? await work() : undefined
  } finally {
    await client.end()
  }
}
