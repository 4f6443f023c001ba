// A lock for work that is longer than a transaction; it goes with its process, however that ends.
import type pg from 'pg'
import type { Pool } from './pool.ts'

/** On a connection of its own. What the work does is checked where it is stored: the connection may break meanwhile. */
async function withClient<T>(pool: Pool, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await pool.dedicated()
  client.on('error', () => undefined)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Runs `work` while nobody else holds the lock `name`; waits for it. */
export const withLock = <T>(pool: Pool, name: string, work: () => Promise<T>): Promise<T> =>
  withClient(pool, async (client) => {
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name])
    return work()
  })

/** `undefined`, and nothing done, when someone else holds it. */
export const withFreeLock = <T>(pool: Pool, name: string, work: () => Promise<T>): Promise<T | undefined> =>
  withClient(pool, async (client) => {
    const { rows } = await client.query<{ held: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held',
      [name],
    )
    return rows[0]?.held ? work() : undefined
  })
