// What FaDO needs of a PostgreSQL server is tried, not guessed from names: a pooler that passes all of it is good enough.
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import type pg from 'pg'
import { FadoError } from '../../domain/errors.ts'
import { connectBriefly } from './server-url.ts'

const oldestServer = 15
/** A notification comes within milliseconds where it comes at all. */
const notifyMs = 3_000

export type ServerFacts = {
  readonly version: string
  /** What this user may open in this database, those that PostgreSQL keeps for administrators taken off; null: any number. */
  readonly connectionLimit: number
  /** Of them taken now, FaDO's included. */
  readonly connectionsUsed: number
}

const refused = (message: string): FadoError => new FadoError('VALIDATION_FAILED', message)

async function requireVersion(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ number: string; text: string }>(
    `SELECT current_setting('server_version_num') AS number, current_setting('server_version') AS text`,
  )
  const [version] = rows
  if (version !== undefined && Number(version.number) >= oldestServer * 10_000) return version.text
  throw refused(
    `PostgreSQL ${oldestServer} or newer is needed, the server that DATABASE_URL names is ${version?.text ?? 'unknown'}`,
  )
}

/** Other encodings cannot hold every object's key; SQL_ASCII takes all octets and knows none. */
async function requireUtf8(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ encoding: string; name: string }>(
    `SELECT pg_encoding_to_char(encoding) AS encoding, datname AS name FROM pg_database WHERE datname = current_database()`,
  )
  const [database] = rows
  if (database === undefined || database.encoding === 'UTF8') return
  throw refused(
    `The database ${database.name} has the encoding ${database.encoding}, which cannot hold every name of an object: make one ` +
      `with CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0, and name it in DATABASE_URL`,
  )
}

async function requireRights(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ schema: string | null; may: boolean | null; who: string; readonly: string }>(
    `SELECT current_schema() AS schema, has_schema_privilege(current_schema(), 'USAGE') AND has_schema_privilege(current_schema(), 'CREATE') AS may,
       current_user AS who, current_setting('transaction_read_only') AS readonly`,
  )
  const [row] = rows
  if (row === undefined) return
  const { schema, may, who, readonly } = row
  if (readonly === 'on')
    throw refused('The server that DATABASE_URL names takes no writes (a standby?): name the primary')
  if (schema !== null && may === true) return
  throw refused(
    `The user ${who} may not make tables in the schema ${schema ?? 'public'}: run GRANT USAGE, CREATE ON SCHEMA ` +
      `${schema ?? 'public'} TO "${who}", or make it the owner of the database`,
  )
}

const poolerCure =
  'name the PostgreSQL server itself in DATABASE_URL, or let the pooler work in session mode (FaDO needs LISTEN, ' +
  'session locks, settings and prepared statements that last as long as their connection)'

/** The other connection is in a transaction meanwhile, as a pooler in transaction mode would otherwise show it a good face. */
async function requireSessions(client: pg.Client, other: pg.Client): Promise<void> {
  const pidOf = async (one: pg.Client) =>
    (await one.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid
  const prepared = () => client.query({ name: 'fado_check', text: 'SELECT 1' })
  const key = randomInt(2 ** 31)
  const first = await pidOf(client)
  await client.query(`SET application_name = 'fado check of sessions'`)
  await prepared()
  await client.query('SELECT pg_advisory_lock(72707371, $1)', [key])
  await other.query('BEGIN')
  const second = await pidOf(other)
  const taken = await other.query<{ won: boolean }>('SELECT pg_try_advisory_xact_lock(72707371, $1) AS won', [key])
  const again = await pidOf(client)
  await prepared()
  const setting = await client.query<{ name: string }>(`SELECT current_setting('application_name') AS name`)
  const freed = await client.query<{ held: boolean }>('SELECT pg_advisory_unlock(72707371, $1) AS held', [key])
  await other.query('ROLLBACK')
  const lasting = first === again && first !== second && setting.rows[0]?.name === 'fado check of sessions'
  if (!lasting || taken.rows[0]?.won !== false || freed.rows[0]?.held !== true)
    throw refused(`A session does not last behind DATABASE_URL, as with a pooler in transaction mode: ${poolerCure}`)
}

async function requireNotifications(client: pg.Client, other: pg.Client): Promise<void> {
  const channel = `fado_check_${randomInt(2 ** 31)}`
  const told = once(client, 'notification', { signal: AbortSignal.timeout(notifyMs) })
  told.catch(() => undefined)
  await client.query(`LISTEN ${channel}`)
  await other.query('SELECT pg_notify($1, $2)', [channel, ''])
  await told.catch(() => {
    throw refused(`A NOTIFY does not reach who LISTENs behind DATABASE_URL, as with a pooler: ${poolerCure}`)
  })
  await client.query(`UNLISTEN ${channel}`)
}

async function connectionsOf(client: pg.Client): Promise<Omit<ServerFacts, 'version'>> {
  const { rows } = await client.query<{ limit: number; used: number }>(
    `SELECT LEAST(
         current_setting('max_connections')::int - CASE WHEN r.rolsuper THEN 0 ELSE
           current_setting('superuser_reserved_connections')::int
             + coalesce(current_setting('reserved_connections', true)::int, 0) END,
         NULLIF(r.rolconnlimit, -1), NULLIF(d.datconnlimit, -1))::int AS limit,
       (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS used
     FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`,
  )
  const [row] = rows
  return { connectionLimit: row?.limit ?? Number.POSITIVE_INFINITY, connectionsUsed: row?.used ?? 0 }
}

/** What a pooler or a proxy says instead of an answer is about what it does not know, so the cure is the same. */
function asRefusal(error: unknown): unknown {
  if (error instanceof FadoError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new FadoError('VALIDATION_FAILED', `A session does not work behind DATABASE_URL (${reason}): ${poolerCure}`, {
    cause: error,
  })
}

/**
 * Tries what FaDO needs, leaves nothing behind, and throws one sentence that says what to do where something is missing.
 * `connections`: how many FaDO may open (FADO_DATABASE_CONNECTIONS).
 */
export async function requireServer(connectionString: string, connections: number): Promise<ServerFacts> {
  const client = await connectBriefly(connectionString)
  try {
    const version = await requireVersion(client)
    await requireUtf8(client)
    await requireRights(client)
    const facts = await connectionsOf(client)
    if (facts.connectionLimit < connections)
      throw refused(
        `PostgreSQL lets FaDO open ${facts.connectionLimit} connections, it needs up to ${connections}: set ` +
          `FADO_DATABASE_CONNECTIONS to ${facts.connectionLimit} or less, or raise max_connections (or the user's limit)`,
      )
    const other = await connectBriefly(connectionString)
    try {
      await requireSessions(client, other)
      await requireNotifications(client, other)
    } catch (error) {
      throw asRefusal(error)
    } finally {
      await other.end()
    }
    return { version, ...facts }
  } finally {
    await client.end()
  }
}
