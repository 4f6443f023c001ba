// What subscriptions read: in one order, without gaps, and whatever else happens on the server.
import { expect, onTestFinished, test } from 'vitest'
import { presentCursor, readEvents } from '../../../../server/db/core/events.ts'
import { createPool, type Pool } from '../../../../server/db/core/pool.ts'
import { emptyDatabase, freshDatabase } from '../../../support/postgres.ts'

function poolOf(url: string): Pool {
  const pool = createPool(url, { max: 4, onError: () => undefined })
  onTestFinished(() => pool.end())
  return pool
}

/** A transaction that writes and goes on until it is told to end. */
async function longTransaction(pool: Pool, text: string) {
  const begun = Promise.withResolvers<void>()
  const enough = Promise.withResolvers<void>()
  const ended = pool.transaction(async (sql) => {
    await sql.query(text)
    begun.resolve()
    await enough.promise
  })
  await begun.promise
  return async () => {
    enough.resolve()
    await ended
  }
}

async function subjectsAfter(pool: Pool, cursor: { readonly xid: number; readonly number: number }) {
  return (await readEvents(pool, cursor, 10)).events.map(({ subject }) => subject)
}

test('an event is seen once all that may come before it are', async () => {
  const pool = poolOf(await freshDatabase())
  const cursor = await presentCursor(pool)
  const endFirst = await longTransaction(pool, `INSERT INTO event (topic, subject) VALUES ('bucket', 'first')`)
  await pool.transaction(async (tx) => tx.changed('bucket', ['second']))
  expect(await readEvents(pool, cursor, 10)).toEqual({ events: [], held: true })
  await endFirst()
  expect(await subjectsAfter(pool, cursor)).toEqual(['first', 'second'])
  expect((await readEvents(pool, cursor, 10)).held).toBe(false)
})

test('a long transaction in another database of the server holds up no event', async () => {
  const [pool, foreign] = [poolOf(await freshDatabase()), poolOf(await emptyDatabase())]
  const end = await longTransaction(foreign, 'CREATE TABLE theirs ()')
  const cursor = await presentCursor(pool)
  await pool.transaction(async (tx) => tx.changed('bucket', ['ours']))
  expect(await subjectsAfter(pool, cursor)).toEqual(['ours'])
  const [event] = (await readEvents(pool, cursor, 10)).events
  expect(await subjectsAfter(pool, event ?? cursor)).toEqual([])
  await end()
})
