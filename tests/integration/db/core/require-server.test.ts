// What FaDO needs of a PostgreSQL server, tried on servers that do not have it: each refusal says what to do.
import pg from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { requireServer } from '../../../../server/db/core/require-server.ts'
import { emptyDatabase } from '../../../support/postgres.ts'
import { startTransactionPooler } from '../../../support/transaction-pooler.ts'

/** As an administrator; the text may name the database that is made for the test as "it". */
async function admin(...texts: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgres').url })
  await client.connect()
  try {
    for (const text of texts) await client.query(text)
  } finally {
    await client.end()
  }
}
const named = (url: string, change: Partial<URL>): string => Object.assign(new URL(url), change).href
const unique = (what: string) => `${inject('postgres').prefix}${what}_${Math.random().toString(36).slice(2, 10)}`

test('a server that has all is taken, and what is told of it is right', async () => {
  const url = await emptyDatabase()
  const facts = await requireServer(url, 20)
  expect(facts.version).toMatch(/^\d+/)
  expect(facts.connectionLimit).toBeGreaterThanOrEqual(20)
  expect(facts.connectionsUsed).toBeGreaterThan(0)
})

test.for(['LATIN1', 'SQL_ASCII'])('a database with the encoding %s is refused', async (encoding) => {
  const name = unique(encoding.toLowerCase())
  await admin(`CREATE DATABASE ${name} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`)
  await expect(requireServer(named(inject('postgres').url, { pathname: `/${name}` }), 20)).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    message: expect.stringMatching(
      new RegExp(`^The database ${name} has the encoding ${encoding}, .*ENCODING 'UTF8'.*$`),
    ) as string,
  })
})

test.for([1, 2, 5])('a pooler in transaction mode with %i connections is refused', async (size) => {
  const url = await startTransactionPooler(await emptyDatabase(), size)
  await expect(requireServer(url, 20)).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    message: expect.stringMatching(/^A session does not .*DATABASE_URL.*session mode.*$/) as string,
  })
})

type Answer = { rows: Record<string, unknown>[] }

/** What a session is asked about itself, and one answer that shows that it does not last. */
const broken: readonly (readonly [what: string, asked: RegExp, nth: number, row: Record<string, unknown>])[] = [
  ['works on another connection later', /pg_backend_pid/, 3, { pid: -1 }],
  ['shares its connection with another', /pg_backend_pid/, 2, { pid: 'that of the first' }],
  ['forgets its settings', /current_setting\('application_name'\)/, 1, { name: 'another' }],
  ['lets others take its locks', /pg_try_advisory_xact_lock/, 1, { won: true }],
  ['cannot free its locks', /pg_advisory_unlock/, 1, { held: false }],
]

test.for(broken)('a server where a session %s is refused', async ([, asked, nth, row]) => {
  const url = await emptyDatabase()
  const query = pg.Client.prototype.query as (this: pg.Client, ...args: unknown[]) => Promise<Answer>
  let times = 0
  let first: Record<string, unknown> | undefined
  const answer = async function (this: pg.Client, ...args: unknown[]): Promise<Answer> {
    const isAsked = asked.test(String(args[0]))
    const found = await query.apply(this, args)
    if (!isAsked) return found
    times++
    first ??= found.rows[0]
    return times === nth ? { rows: [row['pid'] === 'that of the first' ? { ...first } : row] } : found
  }
  pg.Client.prototype.query = answer as typeof pg.Client.prototype.query
  onTestFinished(() => {
    pg.Client.prototype.query = query as typeof pg.Client.prototype.query
  })
  await expect(requireServer(url, 20)).rejects.toThrow(/^A session does not last behind DATABASE_URL/)
  expect(times).toBeGreaterThanOrEqual(nth)
})

test('a server where no NOTIFY arrives is refused', async () => {
  const url = await emptyDatabase()
  const listen = pg.Client.prototype.emit
  pg.Client.prototype.emit = function (this: pg.Client, name: string | symbol, ...rest: unknown[]) {
    return name === 'notification' ? false : listen.call(this, name, ...rest)
  } as typeof listen
  onTestFinished(() => {
    pg.Client.prototype.emit = listen
  })
  await expect(requireServer(url, 20)).rejects.toThrow(/^A NOTIFY does not reach who LISTENs .*session mode/)
})

test('fewer connections than FaDO may open are told, whoever limits them', async () => {
  const url = await emptyDatabase()
  await expect(requireServer(url, 100_000)).rejects.toThrow(
    /^PostgreSQL lets FaDO open \d+ connections, it needs up to 100000: set FADO_DATABASE_CONNECTIONS to \d+ or less/,
  )
  const role = unique('few')
  await admin(`CREATE ROLE ${role} LOGIN PASSWORD 'x' CONNECTION LIMIT 5`)
  onTestFinished(() => admin(`DROP ROLE ${role}`))
  const database = new URL(url).pathname.slice(1)
  await admin(`ALTER DATABASE "${database}" OWNER TO ${role}`)
  onTestFinished(() => admin(`DROP DATABASE "${database}" WITH (FORCE)`))
  await expect(requireServer(named(url, { username: role, password: 'x' }), 20)).rejects.toThrow(
    /^PostgreSQL lets FaDO open 5 connections, it needs up to 20/,
  )
})

test('a user who may not make tables is told which right is missing, and the owner of a database needs no other', async () => {
  const url = await emptyDatabase()
  const role = unique('guest')
  await admin(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`)
  onTestFinished(() => admin(`DROP ROLE ${role}`))
  const theirs = named(url, { username: role, password: 'x' })
  await expect(requireServer(theirs, 20)).rejects.toThrow(
    new RegExp(`^The user ${role} may not make tables in the schema public: run GRANT USAGE, CREATE ON SCHEMA public`),
  )
  const database = new URL(url).pathname.slice(1)
  await admin(`ALTER DATABASE "${database}" OWNER TO ${role}`)
  onTestFinished(() => admin(`DROP DATABASE "${database}" WITH (FORCE)`))
  expect(await requireServer(theirs, 20)).toMatchObject({ version: expect.any(String) as string })
})

test('a database that takes no writes is refused', async () => {
  const url = await emptyDatabase()
  await admin(`ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET default_transaction_read_only = on`)
  await expect(requireServer(url, 20)).rejects.toThrow(/takes no writes .*: name the primary$/)
})
