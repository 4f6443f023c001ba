// The hot tables are read and written with plain SQL; this is its one door.
import pg from 'pg'
import { createConnector } from './connector.ts'
import { type Deadlines, deadlines } from './deadlines.ts'
import type { EventTopic, News, Topic } from './news.ts'
import { committed, isRefusedData, transact } from './transaction.ts'

pg.types.setTypeParser(pg.types.builtins.INT8, Number) // counts and numbers stay below 2^53

/** What runs a query: the pool, whose statements are a transaction each and retried as such, or the client of a transaction. */
export type Sql = {
  /** `prepared` names a statement that runs all the time: it is planned once per connection. Always the same text, then. */
  query<R extends object = never>(
    text: string,
    values?: unknown[],
    prepared?: string,
  ): Promise<{ rows: R[]; rowCount: number | null }>
  /**
   * Who waits for this topic looks as soon as what was written before this call is committed: of a pool, whose statements
   * commit by themselves, at once; of a transaction after its COMMIT, and never when that does not come.
   */
  wake(topic: Topic): void
}

/** A transaction carries its news. */
export type Tx = Sql & {
  /** Subscriptions hear once of each of these, however often it is said; the events are written before COMMIT. */
  changed(topic: EventTopic, subjects: readonly string[]): void
}

export type Pool = Sql & {
  /**
   * For single statements whose loss in a crash of PostgreSQL does no harm, because what follows from them is lost with
   * them and the work is done again: they do not wait for the disk (synchronous_commit = off). What is written later
   * never survives what was written before.
   */
  readonly lazily: Sql
  /** For Prisma, which speaks to pg itself. */
  readonly connections: pg.Pool
  /** Runs `work` in one transaction; retried when PostgreSQL asks for it (serialization failure, deadlock). */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>
  /**
   * Whether the database, or the way to it, is the cause of this error: then nothing is wrong with what was worked on. Not so
   * where it refuses the values.
   */
  isOutage(error: unknown): boolean
  /** Called with each topic that is woken. Returns what takes the listener away again. */
  onWake(listener: (topic: Topic) => void): () => void
  /**
   * A connection of its own, to LISTEN or to hold a lock; the caller ends it. It emits `end` within 10 s of its path's
   * falling silent.
   */
  dedicated(): Promise<pg.Client>
  /** All that wait for the database fail now. For a stop that takes too long. */
  cutAll(): void
  end(): Promise<void>
}

export type TransactionOptions = {
  /**
   * Its statements are planned once per connection, and without their values: for work that is done all the time, always with the
   * same texts. Default: no.
   */
  readonly plansOnce?: boolean
}

/** Asks, and passes the answer on; of a failure it takes note. */
type Watch = <T>(ask: () => Promise<T>) => Promise<T>

/** pg itself takes a callback where we have the name. */
const asSql = (client: Pick<pg.Pool | pg.PoolClient, 'query'>, wake: Sql['wake'], watch: Watch): Sql => ({
  wake,
  query: <R extends object>(text: string, values: unknown[] = [], prepared?: string) =>
    watch(() => client.query<R>(prepared === undefined ? { text, values } : { name: prepared, text, values })),
})

/**
 * Queues are empty now and hold a million rows in a minute, long before PostgreSQL counts them anew. A plan that was made for
 * the empty one reads the whole of the full one for each key; by an index both are fast.
 */
const planning = { enable_seqscan: 'off' }
/**
 * A statement that runs all the time costs more to be planned than to be run, and PostgreSQL plans it anew as long as it hopes for
 * a better plan from its values. There is none: all is found by index.
 */
const plannedOnce = { plan_cache_mode: 'force_generic_plan' }
const beginPlannedOnce = 'BEGIN; SET LOCAL plan_cache_mode = force_generic_plan'

/** What texts are called on every connection that has planned them. */
const names = new Map<string, string>()
function nameOf(text: string): string {
  const name = names.get(text) ?? `planned_${names.size}`
  names.set(text, name)
  return name
}
const plansOnceOf = ({ query, ...sql }: Sql): Sql => ({
  ...sql,
  query: (text, values) => query(text, values, nameOf(text)),
})

/**
 * At most `max` connections, `lazyMax` more for what is done lazily (default: as many), and the dedicated ones. One that
 * falls silent is told to `onError` and given up.
 */
export function createPool(
  connectionString: string,
  options: {
    max: number
    lazyMax?: number
    name?: string
    /** Statements are planned without their values, prepared ones once. Not for those whose conditions go by what is given. Default: no. */
    plansOnce?: boolean
    onError: (error: Error) => void
    /** Default: the usual ones. */
    deadlines?: Deadlines
  },
): Pool {
  const { max, lazyMax = max, name = 'fado', plansOnce = false, onError } = options
  const session = plansOnce ? { ...planning, ...plannedOnce } : planning
  const connector = createConnector(connectionString, { name, onError, deadlines: options.deadlines })
  const pool = connector.pool(max, session)
  const lazy = connector.pool(lazyMax, { ...session, synchronous_commit: 'off' })

  const listeners = new Set<(topic: Topic) => void>()
  const wake = (topic: Topic): void => {
    for (const listener of listeners) listener(topic)
  }

  const failures = new WeakSet<Error>()
  const watch: Watch = async (ask) => {
    try {
      return await ask()
    } catch (error) {
      if (error instanceof Error && !isRefusedData(error)) failures.add(error)
      throw error
    }
  }

  /** A statement outside of a transaction may be a deadlock's victim as well, though it holds nothing that others wait for. */
  const ofItsOwn: Watch = (ask) => watch(() => committed(ask))

  async function attempt<T>(
    news: News,
    work: (tx: Tx) => Promise<T>,
    { plansOnce = false }: TransactionOptions,
  ): Promise<T> {
    const client = await watch(() => pool.connect())
    let broken: Error | undefined
    try {
      await watch(() => client.query(plansOnce ? beginPlannedOnce : 'BEGIN'))
      const sql = asSql(client, news.wake, watch)
      const tx = { ...(plansOnce ? plansOnceOf(sql) : sql), changed: news.changed }
      const result = await work(tx)
      await news.store(tx.query)
      // PostgreSQL answers ROLLBACK, and no error, when a statement had failed.
      const { command } = await watch(() => client.query('COMMIT'))
      if (command !== 'COMMIT') throw new Error('a transaction in which a statement failed cannot be committed')
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

  /** Who still has a connection may end what it does with it. */
  async function end(): Promise<void> {
    const late = setTimeout(connector.cutAll, deadlines.close)
    await Promise.all([pool.end(), lazy.end()]).finally(() => clearTimeout(late))
    connector.stop()
  }
  let ended: Promise<void> | undefined

  return {
    ...asSql(pool, wake, ofItsOwn),
    lazily: asSql(lazy, wake, ofItsOwn),
    isOutage: (error) => error instanceof Error && failures.has(error),
    transaction: (work, options = {}) => transact(wake, (news) => attempt(news, work, options)),
    onWake(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    connections: pool,
    dedicated: connector.dedicated,
    cutAll: connector.cutAll,
    end() {
      ended ??= end()
      return ended
    },
  }
}
