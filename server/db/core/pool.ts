// The hot tables are read and written with plain SQL; this is its one door.
import pg from 'pg'

pg.types.setTypeParser(pg.types.builtins.INT8, Number) // counts and numbers stay below 2^53

/** What runs a query: the pool, or the client of a transaction. */
export type Sql = {
  /** `prepared` names a statement that runs all the time: it is planned once per connection. Always the same text, then. */
  query<R extends object = never>(
    text: string,
    values?: unknown[],
    prepared?: string,
  ): Promise<{ rows: R[]; rowCount: number | null }>
}
export type Pool = Sql & {
  /**
   * For single statements whose loss in a crash of PostgreSQL does no harm, because what follows from them is lost with
   * them and the work is done again: they do not wait for the disk (synchronous_commit = off). What is written later
   * never survives what was written before.
   */
  readonly lazily: Sql
  /** Runs `work` in one transaction; retried when PostgreSQL asks for it (serialization failure, deadlock). */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>
  /** A connection of its own, e.g. to LISTEN; the caller ends it. */
  dedicated(): Promise<pg.Client>
  end(): Promise<void>
}

/** pg itself takes a callback where we have the name. */
const asSql = (client: Pick<pg.Pool | pg.PoolClient, 'query'>): Sql => ({
  query: <R extends object>(text: string, values: unknown[] = [], prepared?: string) =>
    client.query<R>(prepared === undefined ? { text, values } : { name: prepared, text, values }),
})

const retryable = new Set(['40001', '40P01'])
const attempts = 5
const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

export function createPool(
  connectionString: string,
  options: { max: number; name?: string; onError: (error: Error) => void },
): Pool {
  const settings = { connectionString, connectionTimeoutMillis: 10_000, application_name: options.name ?? 'fado' }
  const pool = new pg.Pool({ ...settings, max: options.max, idleTimeoutMillis: 30_000 })
  pool.on('error', options.onError) // an idle connection broke; the next query opens another
  // One that is cut between two queries of a transaction fails the next of them; an error that nobody takes would end the
  // process.
  pool.on('connect', (client) => client.on('error', () => undefined))

  const lazySettings = { ...settings, options: '-c synchronous_commit=off' }
  const lazy = new pg.Pool({ ...lazySettings, max: options.max, idleTimeoutMillis: 30_000 })
  lazy.on('error', options.onError)
  lazy.on('connect', (client) => client.on('error', () => undefined))

  async function once<T>(work: (sql: Sql) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    let broken: Error | undefined
    try {
      await client.query('BEGIN')
      const result = await work(asSql(client))
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch((failure: Error) => {
        broken = failure
      })
      throw error
    } finally {
      client.release(broken)
    }
  }

  return {
    ...asSql(pool),
    lazily: asSql(lazy),
    async transaction(work) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once(work)
        } catch (error) {
          if (attempt === attempts || !retryable.has(String(codeOf(error)))) throw error
        }
      }
    },
    async dedicated() {
      const client = new pg.Client({ ...settings, keepAlive: true })
      await client.connect()
      return client
    },
    end: async () => void (await Promise.all([pool.end(), lazy.end()])),
  }
}
