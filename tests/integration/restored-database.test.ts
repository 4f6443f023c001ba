// A database that is restored under a running FaDO: what it knew is of another time, so everything begins anew.
import { createClient } from 'graphql-ws'
import pg from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { startThrowAwayPostgres } from '../../scripts/support/throw-away-postgres.ts'
import { startOnDatabase } from '../../server/compose/on-database.ts'
import { createIdentityReader, isOtherDatabase } from '../../server/db/core/identity.ts'
import { migrate } from '../../server/db/core/migrate.ts'
import { createPool, type Pool } from '../../server/db/core/pool.ts'
import { createLog } from '../../server/log.ts'
import { ensureAdminToken } from '../../server/services/tokens/authenticate.ts'
import { eventually } from '../support/eventually.ts'
import { freshDatabase } from '../support/postgres.ts'
import { runServe, serveToken } from '../support/run-serve.ts'
import { portOf, startTcpProxy, through } from '../support/tcp-proxy.ts'
import { subscribe } from '../support/watched-web.ts'

const nameOf = (url: string) => new URL(url).pathname.slice(1)

async function admin(...texts: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgres').url, application_name: 'test' })
  await client.connect()
  try {
    for (const text of texts) await client.query(text)
  } finally {
    await client.end()
  }
}
const cutAll = (url: string) =>
  `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '${nameOf(url)}'`

/** A copy of the database as it is now, to be put in its place later. */
async function backUp(url: string) {
  const copy = `${nameOf(url)}_copy`
  await admin(cutAll(url), `CREATE DATABASE "${copy}" TEMPLATE "${nameOf(url)}"`)
  return async () => {
    const [name, lost] = [nameOf(url), `${nameOf(url)}_lost`]
    await admin(
      `ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`,
      cutAll(url),
      `ALTER DATABASE "${name}" RENAME TO "${lost}"`,
      `ALTER DATABASE "${copy}" RENAME TO "${name}"`,
    )
  }
}
function socketOf(url: string) {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${serveToken}` },
  })
  onTestFinished(() => void client.dispose())
  return client
}
function poolOf(url: string): Pool {
  const pool = createPool(url, { max: 2, onError: () => undefined })
  onTestFinished(() => pool.end())
  return pool
}

test('another database under the same name, and a state that went back, are not taken for the one that was', async () => {
  const url = await freshDatabase()
  const pool = poolOf(url)
  const read = await createIdentityReader(pool)
  const before = await read()
  if (before === undefined) expect.unreachable()
  expect(isOtherDatabase(before, await read())).toBe(false)
  expect(isOtherDatabase(before, { ...before, xid: before.xid - 1 })).toBe(true)
  expect(isOtherDatabase(before, { ...before, routeNumber: before.routeNumber - 1 })).toBe(true)

  await (await backUp(url))()
  await eventually('another database', async () => isOtherDatabase(before, await read()))

  const now = await read()
  if (now === undefined) expect.unreachable()
  await pool.query('CREATE TABLE kept AS SELECT * FROM fleet')
  await pool.query('DROP TABLE fleet')
  expect(isOtherDatabase(now, await read())).toBe(true)
  await pool.query('CREATE TABLE fleet AS SELECT * FROM kept')
  expect(isOtherDatabase(now, await read())).toBe(true)
})

test('work begins anew once nobody works in the restored database any more, and only where it has a fleet', async () => {
  const url = await freshDatabase()
  const pool = poolOf(url)
  const restore = await backUp(url)
  const told: string[] = []
  let refusals = 1
  const work = await startOnDatabase({
    pool,
    log: createLog('silent', 'test'),
    async start(isAnew) {
      if (isAnew && refusals-- > 0) throw new Error('it has another secret key')
      told.push(isAnew ? 'anew' : 'first')
      return async () => void told.push('stopped')
    },
  })
  onTestFinished(() => work.stop())
  expect(work.problem()).toBeUndefined()

  await restore()
  const restorer = new pg.Client({ connectionString: url, application_name: 'pg_restore' })
  await restorer.connect()
  onTestFinished(() => restorer.end())
  await restorer.query('BEGIN')
  await restorer.query('ALTER TABLE fleet RENAME TO not_yet')
  await restorer.query('COMMIT; BEGIN; SELECT 1')
  await eventually('the work is stopped', () => told.includes('stopped'))
  await eventually('it says what it waits for', () => work.problem()?.includes('somebody still works in it'))
  await restorer.query('COMMIT')
  await eventually('it waits for the fleet', () => work.problem()?.includes('has no fleet'))
  expect(told).toEqual(['first', 'stopped'])
  await restorer.query('ALTER TABLE not_yet RENAME TO fleet')
  await eventually('it says why it cannot begin', () => work.problem()?.includes('another secret key'))
  await eventually('it works', () => work.problem() === undefined)
  expect(told).toEqual(['first', 'stopped', 'anew'])
})

const changes = 'subscription { changes { kind subject } }'

/** The port of a server of its own that has this database, with its tokens, and has given few transaction ids yet. */
async function youngServer(url: string): Promise<number> {
  const { url: young, stop } = await startThrowAwayPostgres()
  onTestFinished(stop)
  const { username, password } = new URL(url)
  const client = new pg.Client({ connectionString: young })
  await client.connect()
  await client.query(`CREATE DATABASE "${nameOf(url)}"`)
  if (username !== new URL(young).username) await client.query(`CREATE ROLE "${username}" SUPERUSER LOGIN`)
  await client.query(`ALTER ROLE "${username}" PASSWORD '${decodeURIComponent(password)}'`)
  await client.end()
  const port = portOf(young)
  const copy = Object.assign(new URL(url), { port: String(port) }).href
  await migrate(copy)
  const { rows } = await poolOf(url).query<object>('SELECT * FROM api_token')
  await poolOf(copy).query('INSERT INTO api_token SELECT * FROM jsonb_populate_recordset(NULL::api_token, $1::jsonb)', [
    JSON.stringify(rows),
  ])
  return port
}
const burnIds = `DO $$ BEGIN FOR i IN 1..3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$`

/** Both ways in which another database can be there: on the same server, or on another one. */
test.for(['on the same server', 'on another server, whose transaction ids are below'])(
  'a subscription goes on over a restore %s: it is told that all may differ, and what changes later',
  { timeout: 90_000 },
  async (where) => {
    const url = await freshDatabase()
    await ensureAdminToken({ pool: poolOf(url) }, serveToken)
    const restore = where === 'on the same server' ? await backUp(url) : undefined
    const proxy = await startTcpProxy(portOf(url))
    const fado = await runServe(through(url, proxy))
    const create = (name: string) =>
      fado.ask(`mutation ($name: String!) { clusterCreate(input: { name: $name, zones: ["eu"] }) { __typename } }`, {
        name,
      })
    await eventually('a cluster is made', async () => (await create('lost')).clusterCreate)
    const { events } = subscribe(socketOf(fado.url), changes)
    const allMayDiffer = () => events.filter(({ event }) => event.kind === 'EVERYTHING').length
    await eventually('the subscription has begun', () => allMayDiffer() === 1)

    if (restore) await restore()
    else {
      const young = await youngServer(url)
      await poolOf(url).query(burnIds)
      await fado.ask(`mutation { clusterUpdate(input: { cluster: "lost", zones: ["de"] }) { __typename } }`)
      const seen = events.length
      await eventually('the cursor is past these ids', () => events.length > seen)
      proxy.target(young)
      proxy.cut()
    }
    await eventually('all may differ', () => allMayDiffer() === 2, 30)
    await eventually('it is ready', fado.isReady, 30)
    expect((await fado.ask('{ clusters { nodes { name } } }')).clusters.nodes).toEqual([])
    const before = events.length
    expect((await create('later')).clusterCreate.__typename).toBe('ClusterCreatePayload')
    await eventually('the change is told', () => events.slice(before).some(({ event }) => event.kind === 'CLUSTER'))
  },
)
