// Whatever happens to the database, and wherever, is told as its outage; nothing else is.
import pg from 'pg'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createDb } from '../../../../server/db/core/client.ts'
import { databaseOutage } from '../../../../server/db/core/outage.ts'
import { createPool } from '../../../../server/db/core/pool.ts'
import { freshDatabase } from '../../../support/postgres.ts'
import { portOf, startTcpProxy, type TcpProxy, through } from '../../../support/tcp-proxy.ts'

async function setUp() {
  const url = await freshDatabase()
  const proxy = await startTcpProxy(portOf(url))
  const pool = createPool(through(url, proxy), { max: 2, onError: () => undefined })
  const db = createDb(pool)
  onTestFinished(async () => {
    await db.end()
    await pool.end()
  })
  return { pool, db, proxy, url }
}

/** As an operator's restart does, and before the next statement. */
async function endBackends(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('postgres').url })
  await client.connect()
  await client.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [
    new URL(url).pathname.slice(1),
  ])
  await client.end()
}

const faults: Record<string, (proxy: TcpProxy, url: string) => unknown> = {
  'a reset': (proxy) => proxy.reset(),
  'an end': (proxy) => proxy.cut(),
  'an administrator': (_, url) => endBackends(url),
}

for (const [fault, strike] of Object.entries(faults))
  test(`${fault}, at whichever statement, is told as the database's, by Prisma and by pg`, async () => {
    const { pool, db, proxy, url } = await setUp()
    const strikeNow = async () => strike(proxy, url)
    const works: Record<string, () => Promise<unknown>> = {
      'a query of Prisma': () => db.transaction(async ({ prisma }) => [await strikeNow(), await prisma.bucket.count()]),
      'SQL in its transaction': () => db.transaction(async ({ query }) => [await strikeNow(), await query('SELECT 1')]),
      'its COMMIT': () => db.transaction(async ({ prisma }) => [await prisma.bucket.count(), await strikeNow()]),
      'SQL of the pool': () => pool.transaction(async ({ query }) => [await strikeNow(), await query('SELECT 1')]),
      'a COMMIT of the pool': () => pool.transaction(async ({ query }) => [await query('SELECT 1'), await strikeNow()]),
    }
    for (const [name, work] of Object.entries(works)) {
      const outcome = await work().then(
        () => 'done',
        (error: unknown) => databaseOutage(error) ?? error,
      )
      expect(outcome, name).toMatch(/^PostgreSQL cannot be used: \S.*$/)
    }
  })

test('a database that is not there is told too, by Prisma and by pg', async () => {
  const { pool, db, proxy } = await setUp()
  proxy.target(1)
  for (const work of [() => db.transaction(({ prisma }) => prisma.bucket.count()), () => pool.query('SELECT 1')]) {
    const outcome = await work().catch((error: unknown) => databaseOutage(error) ?? error)
    expect(outcome).toMatch(/^PostgreSQL cannot be used: \S.*$/)
  }
})

test('what is wrong with a statement is no outage', async () => {
  const { pool, db } = await setUp()
  const wrong = [
    () => pool.query('SELECT 1 / 0'),
    () => pool.query('SELEKT'),
    () => db.transaction(({ query }) => query('SELECT nothing')),
    () => db.transaction(({ prisma }) => prisma.bucket.findUniqueOrThrow({ where: { name: 'none' } })),
    () => db.transaction(() => Promise.reject(new Error('ours'))),
  ]
  for (const work of wrong)
    expect(
      await work().then(
        () => 'done',
        (error: unknown) => databaseOutage(error),
      ),
    ).toBe(undefined)
})
