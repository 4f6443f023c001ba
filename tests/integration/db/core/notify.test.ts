import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createWakeups } from '../../../../server/db/core/notify.ts'
import { createPool, type Pool } from '../../../../server/db/core/pool.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshDatabase } from '../../../support/postgres.ts'

async function openPool(): Promise<Pool> {
  const pool = createPool(await freshDatabase(), { max: 2, onError: () => undefined })
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
