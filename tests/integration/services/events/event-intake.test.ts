// Events of stores while the database is away: they wait, and what did not fit is looked for.
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { createPool, type Pool } from '../../../../server/db/core/pool.ts'
import { createLog } from '../../../../server/log.ts'
import { createEventIntake } from '../../../../server/services/events/event-intake.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshDatabase } from '../../../support/postgres.ts'
import { fleet, fromNow } from '../../../support/world/fleet.ts'

const pools: Pool[] = []
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()))
})

async function start() {
  const pool = createPool(await freshDatabase(), { max: 2, onError: () => undefined })
  pools.push(pool)
  const rows = fleet(pool)
  const bucket = await (await rows.cluster('hpc')).store.bucket('photos')
  await bucket.task('master_sweep', { notBefore: fromNow(3600) })
  let away = false
  let tried = 0
  let whileTried: () => void = () => undefined
  const woken: string[] = []
  const query: Pool['query'] = async (text, values) => {
    if (away) {
      tried += 1
      whileTried()
      throw new Error('the database is away')
    }
    return pool.query(text, values)
  }
  onTestFinished(pool.onWake((topic) => void woken.push(topic)))
  const intake = createEventIntake({
    pool: { ...pool, query },
    log: createLog('silent', 'test'),
  })
  onTestFinished(() => intake.stop())
  const marked = async () =>
    (await pool.query<{ key: string }>('SELECT key FROM dirty_object ORDER BY key')).rows.map((row) => row.key)
  const sweepDue = async () =>
    (await pool.query<{ due: boolean }>('SELECT not_before <= now() AS due FROM replica_task')).rows[0]?.due
  const be = (where: 'away' | 'back') => {
    away = where === 'away'
  }
  const once = (what: () => void) => {
    whileTried = () => {
      whileTried = () => undefined
      what()
    }
  }
  return { pool, intake, be, whileTried: once, refused: () => tried, marked, sweepDue, woken }
}
const mayDelete = async (pool: Pool) =>
  (await pool.query<{ may: boolean }>('SELECT may_delete AS may FROM dirty_object')).rows.map((row) => row.may)
const events = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ bucket: 'photos', key: `k${i}`, removed: false }))

test('events that come while the database is away are marked when it is back, and nothing more is swept for them', async () => {
  const { intake, be, refused, marked, sweepDue, woken } = await start()
  be('away')
  intake.take(events(3))
  intake.take(events(2))
  await eventually('marking was tried', () => refused() > 0)
  be('back')
  await eventually('all are marked', async () => (await marked()).length === 3)
  await eventually('movers are woken', () => woken.includes('object'))
  await intake.stop()
  expect(await sweepDue()).toBe(false)
})

test('after an event that could not be taken every master is looked at again, also when the database was away', async () => {
  const { intake, be, refused, sweepDue, woken } = await start()
  be('away')
  intake.missed()
  await eventually('it was tried', () => refused() > 0)
  be('back')
  await eventually('a sweep is due', sweepDue)
  await eventually('movers are woken', () => woken.includes('task'))
})

test('of more events than fit the rest is dropped, and then every master is looked at again', async () => {
  const { intake, be, refused, marked, sweepDue } = await start()
  be('away')
  intake.take(events(50_001))
  await eventually('marking was tried', () => refused() > 0)
  be('back')
  await eventually('those that fit are marked', async () => (await marked()).length === 50_000, 40)
  await eventually('a sweep is due', sweepDue)
})

test('the size that an event tells is known of the key, and stays where a later one tells none', async () => {
  const { pool, intake, marked } = await start()
  const size = async () => (await pool.query<{ size: number | null }>('SELECT size FROM dirty_object')).rows[0]?.size
  intake.take([{ bucket: 'photos', key: 'k', removed: false, size: 4096 }])
  await eventually('it is marked', async () => (await marked()).length === 1)
  expect(await size()).toBe(4096)
  intake.take([{ bucket: 'photos', key: 'k', removed: true }])
  await eventually('it is marked again', async () => (await mayDelete(pool))[0] === true)
  expect(await size()).toBe(4096)
})

test('what the database refuses for good holds up no other event, and every master is looked at instead', async () => {
  const { intake, marked, sweepDue } = await start()
  intake.take([{ bucket: 'photos', key: 'a\0b', removed: false }, ...events(2)])
  await eventually('a sweep is due', sweepDue)
  intake.take([{ bucket: 'photos', key: 'next', removed: false }])
  await eventually('events are taken again', async () => (await marked()).includes('next'))
})

const orders: [string, boolean, boolean][] = [
  ['written again', true, false],
  ['deleted', false, true],
]
for (const meanwhile of [false, true])
  test.each(orders)(
    `of events of one key that wait the last one counts: it was %s ${meanwhile ? 'while the first was being marked' : 'then'}`,
    async (_, first, last) => {
      const { pool, intake, be, refused, whileTried, marked } = await start()
      const take = (removed: boolean) => intake.take([{ bucket: 'photos', key: 'k', removed }])
      be('away')
      if (meanwhile) whileTried(() => take(last))
      take(first)
      await eventually('marking was tried', () => refused() > 0)
      if (!meanwhile) take(last)
      be('back')
      await eventually('it is marked', async () => (await marked()).length === 1)
      expect(await mayDelete(pool)).toEqual([last])
    },
  )
