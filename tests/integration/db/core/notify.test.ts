import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createWakeups } from '../../../../server/db/core/notify.ts'
import { createPool, type Pool } from '../../../../server/db/core/pool.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshDatabase } from '../../../support/postgres.ts'

async function openPool(url?: string): Promise<Pool> {
  const pool = createPool(url ?? (await freshDatabase()), { max: 2, onError: () => undefined })
  onTestFinished(() => pool.end())
  return pool
}

const listening = `pid <> pg_backend_pid() AND datname = current_database() AND query = 'LISTEN fado'`
async function listeners(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(`SELECT count(*) AS n FROM pg_stat_activity WHERE ${listening}`)
  return rows[0]?.n ?? 0
}

test('a connection that is cut again while it comes back leaves one listener, who hears what others say', async () => {
  const pool = await openPool()
  let toCut = 0
  const dedicated = async () => {
    const client = await pool.dedicated()
    if (toCut === 0) return client
    toCut--
    const query = client.query.bind(client)
    return Object.assign(client, {
      query: (text: string) =>
        query(text.startsWith('LISTEN') ? 'SELECT pg_terminate_backend(pg_backend_pid())' : text),
    })
  }
  const wakeups = await createWakeups({ ...pool, dedicated }, () => undefined)
  onTestFinished(() => wakeups.stop())
  let heard = 0
  wakeups.on('bucket', () => heard++)

  toCut = 2
  await pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${listening}`)
  await eventually('it listens again', async () => toCut === 0 && heard > 0)
  await delay(1_200) // whoever else were trying to connect would have
  expect(await listeners(pool)).toBe(1)
  const before = heard
  await pool.query(`SELECT pg_notify('fado', 'bucket')`)
  await eventually('it hears', () => heard > before)
})

/** One whose word to others takes so long, and another who hears it. */
async function slowToTell(seconds: number) {
  const url = await freshDatabase()
  const [own, others] = [await openPool(url), await openPool(url)]
  const other = await createWakeups(others, () => undefined)
  onTestFinished(() => other.stop())
  let heard = 0
  other.on('task', () => heard++)
  const errors: unknown[] = []
  const begun = Promise.withResolvers<void>()
  const dedicated = async () => {
    const client = await own.dedicated()
    const query = client.query.bind(client)
    return Object.assign(client, {
      query: (text: string, values?: unknown[]) => {
        if (text.includes('pg_notify')) begun.resolve()
        return query(text.replace('SELECT pg_notify', `SELECT pg_sleep(${seconds}), pg_notify`), values)
      },
    })
  }
  const wakeups = await createWakeups({ ...own, dedicated }, (error) => errors.push(error))
  return { own, wakeups, begun: begun.promise, errors, heard: () => heard }
}

test('at its stop it sends what it has to say to others, and ends without an error', async () => {
  const { own, wakeups, begun, errors, heard } = await slowToTell(0.1)
  own.wake('bucket')
  await begun
  own.wake('task')
  await wakeups.stop()
  expect(errors).toEqual([])
  await eventually('others heard all of it', () => heard() === 1)
})

test('a word that the server does not take does not hold up the stop, and is no news then', async () => {
  const { own, wakeups, begun, errors } = await slowToTell(60)
  own.wake('bucket')
  await begun
  const started = performance.now()
  await wakeups.stop()
  expect(performance.now() - started).toBeLessThan(5_000)
  await delay(0) // what the end of its connection tells is told
  expect(errors).toEqual([])
})
