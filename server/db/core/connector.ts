// Opens connections to PostgreSQL: each with its time limits, and watched for silence.
import pg from 'pg'
import { Client } from './client-that-ends.ts'
import { type Deadlines, deadlines as usual } from './deadlines.ts'
import { createSilenceWatch } from './silence.ts'

const late = () => new Error('PostgreSQL does not answer in time')

/** PostgreSQL's own limits, set by statement: poolers refuse them as parameters of the start. */
const limits = (deadlines: Deadlines, session: Readonly<Record<string, string | number>>): string =>
  Object.entries({
    statement_timeout: deadlines.statement,
    idle_in_transaction_session_timeout: deadlines.idleTransaction,
    ...session,
  })
    .map(([name, value]) => `SET ${name} = ${value};`)
    .join(' ')

/**
 * SQL: the process of the server behind a connection, of all that ever were. (A pooler tells another number to its clients.)
 */
const backend = `pid || ' since ' || extract(epoch FROM backend_start)`

export type Connector = {
  /** `session`: settings of its connections beyond the limits. */
  pool(max: number, session?: Readonly<Record<string, string>>): pg.Pool
  /** A connection of its own that is used again and again, so that its loss is noticed: it then emits `end`. */
  dedicated(): Promise<pg.Client>
  /** A connection of its own for statements that may take any time. */
  patient(): Promise<pg.Client>
  /** All that wait for an answer fail now, and what is asked from now on does. */
  cutAll(): void
  stop(): void
}

export function createConnector(
  connectionString: string,
  options: { name: string; onError: (error: Error) => void; deadlines?: Deadlines | undefined },
): Connector {
  const { name, onError, deadlines = usual } = options
  const settings = { connectionString, application_name: name, keepAlive: true, keepAliveInitialDelayMillis: 5_000 }
  let cut: Error | undefined
  /** Those that connect, or whose first answer is due. They are not watched yet: what serves them is not known. */
  const beginning = new Set<Client>()
  class Noted extends Client {
    constructor(config?: pg.ClientConfig) {
      super(config)
      beginning.add(this)
      this.once('end', () => beginning.delete(this))
    }
  }
  const watch = createSilenceWatch({ busyOf, endBackends, onError, deadlines })

  /** On a new connection: those that are there may be silent too. */
  async function once(text: string, backends: readonly string[]): Promise<{ backend: string }[]> {
    const client = new Client(settings)
    client.on('error', () => undefined)
    const timer = setTimeout(() => client.cut(late()), deadlines.asking)
    try {
      await client.connect()
      return (await client.query<{ backend: string }>(text, [backends])).rows
    } finally {
      clearTimeout(timer)
      void client.end()
    }
  }
  async function busyOf(backends: readonly string[]): Promise<ReadonlySet<string>> {
    const text = `SELECT ${backend} AS backend FROM pg_stat_activity
      WHERE ${backend} = ANY($1::text[]) AND state IN ('active', 'fastpath function call')`
    return new Set((await once(text, backends)).map((row) => row.backend))
  }
  async function endBackends(backends: readonly string[]): Promise<void> {
    await once(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${backend} = ANY($1::text[])`, backends)
  }

  /** From connecting to the first answer it takes `connect` at most. */
  async function prepare(client: Client, statements: string): Promise<void> {
    if (cut !== undefined) throw cut
    const served = `SELECT ${backend} AS backend FROM pg_stat_activity WHERE pid = pg_backend_pid()`
    const timer = setTimeout(() => client.cut(late()), client.begunAt + deadlines.connect - performance.now())
    try {
      const answers = await client.query<{ backend: string }>(`${statements} ${served}`)
      const [row] = [answers].flat().at(-1)?.rows ?? []
      watch.watch(client, row?.backend ?? '')
    } finally {
      clearTimeout(timer)
      beginning.delete(client)
    }
  }

  async function alone(session: Readonly<Record<string, number>>): Promise<pg.Client> {
    const client = new Noted({ ...settings, connectionTimeoutMillis: deadlines.connect })
    client.on('error', () => undefined) // told by `end`, and to who waits for an answer
    try {
      await client.connect()
      await prepare(client, limits(deadlines, session))
      return client
    } catch (error) {
      void client.end()
      throw error
    }
  }

  return {
    pool(max, session = {}) {
      const statements = limits(deadlines, { idle_session_timeout: deadlines.idleSession, ...session })
      const pool = new pg.Pool({
        ...settings,
        max,
        connectionTimeoutMillis: deadlines.connect,
        idleTimeoutMillis: deadlines.idle,
        Client: Noted,
        onConnect: (client) => prepare(client as Client, statements),
      })
      // An idle connection broke; the next query opens another. The error holds the whole client, which is no news.
      pool.on('error', (error) => {
        Reflect.deleteProperty(error, 'client')
        onError(error)
      })
      // One that is cut between two queries of a transaction fails the next of them; an error that nobody takes would end
      // the process.
      pool.on('connect', (client) => client.on('error', () => undefined))
      return pool
    },
    async dedicated() {
      const client = await alone({ idle_session_timeout: deadlines.idleWaiting })
      let answered = true
      const beat = async () => {
        if (!answered) return
        answered = false
        await client.query('SELECT 1').catch(() => undefined)
        answered = true
      }
      const timer = setInterval(() => void beat(), deadlines.heartbeat)
      client.once('end', () => clearInterval(timer))
      return client
    },
    patient: () => alone({ statement_timeout: 0 }),
    cutAll() {
      cut = new Error('The connections to PostgreSQL were cut: the process stops')
      watch.cutAll(cut)
      for (const client of beginning) client.cut(cut)
    },
    stop: watch.stop,
  }
}
