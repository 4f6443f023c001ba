import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import type { Sql } from '../../../../server/db/core/pool.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { untilSomebodyWaits } from '../../../support/until-somebody-waits.ts'

test('a connection that is cut between two queries of a transaction fails that transaction and nothing else', async () => {
  const pool = await freshPool()
  const watcher = await pool.dedicated()
  onTestFinished(() => watcher.end())
  await watcher.query('LISTEN cut')

  const cut = pool.transaction(async (sql) => {
    const { rows } = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    await watcher.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.pid])
    const told = once(watcher, 'notification')
    await watcher.query('NOTIFY cut')
    await told // by now the end of the other connection was read as well
    await sql.query('SELECT 1')
  })
  await expect(cut).rejects.toThrow(/terminat|not queryable/)
  const { rows } = await pool.transaction((sql) => sql.query<{ one: number }>('SELECT 1 AS one'))
  expect(rows).toEqual([{ one: 1 }])
})

test('what is done lazily does not wait for the disk, and nothing else is done so', async () => {
  const pool = await freshPool(1)
  const setting = `SELECT setting, source FROM pg_settings WHERE name = 'synchronous_commit'`
  expect((await pool.lazily.query(setting)).rows).toEqual([{ setting: 'off', source: 'session' }])
  expect((await pool.query(setting)).rows).toEqual([expect.not.objectContaining({ source: 'session' })])
})

test('a statement that PostgreSQL gives up to end a deadlock is asked again, also outside of a transaction', async () => {
  const pool = await freshPool()
  await pool.query('CREATE TABLE held AS SELECT n, 0 AS told FROM generate_series(1, 2) n')
  const tell = (n: number): [string, number[]] => ['UPDATE held SET told = told + 1 WHERE n = $1', [n]]
  let begun = 0
  let alone: Promise<unknown> | undefined
  await pool.transaction(async (tx) => {
    begun += 1
    // Who has waited for this long looks whether there is a deadlock, once, and is given up. This one never looks.
    await tx.query(`SET LOCAL deadlock_timeout = '1h'`)
    await tx.query(...tell(1))
    alone = pool.lazily.query(`DO $$ BEGIN
      SET LOCAL deadlock_timeout = '3s'; -- by then the other waits as well, on a busy machine too
      UPDATE held SET told = told + 10 WHERE n = 2;
      UPDATE held SET told = told + 10 WHERE n = 1;
    END $$`)
    await untilSomebodyWaits(pool)
    await tx.query(...tell(2))
  })
  await alone
  expect(begun).toBe(1)
  expect((await pool.query('SELECT n, told FROM held ORDER BY n')).rows).toEqual([
    { n: 1, told: 11 },
    { n: 2, told: 11 },
  ])
})

test('a transaction that says so plans each of its statements once per connection, and without their values', async () => {
  const pool = await freshPool(1)
  const text = 'SELECT n FROM generate_series(1, 9) n WHERE n = ANY($1::int[])'
  const asked = async (sql: Sql, n: number) => (await sql.query<{ n: number }>(text, [[n]])).rows
  for (const n of [1, 2, 3]) expect(await pool.transaction((tx) => asked(tx, n), { plansOnce: true })).toEqual([{ n }])
  expect(await pool.transaction((tx) => asked(tx, 4))).toEqual([{ n: 4 }])
  const plans =
    'SELECT generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements WHERE statement = $1'
  expect((await pool.query(plans, [text])).rows).toEqual([{ generic: 3, custom: 0 }])
})
