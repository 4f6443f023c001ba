// The path to PostgreSQL falls silent: nothing ends, nothing comes.
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { withLock } from '../../../../server/db/core/advisory-lock.ts'
import { createDb } from '../../../../server/db/core/client.ts'
import { type Deadlines, deadlines } from '../../../../server/db/core/deadlines.ts'
import { startLeadership } from '../../../../server/db/core/leadership.ts'
import { createWakeups } from '../../../../server/db/core/notify.ts'
import { createPool, type Pool } from '../../../../server/db/core/pool.ts'
import { connectBriefly } from '../../../../server/db/core/server-url.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshDatabase } from '../../../support/postgres.ts'
import { portOf, startTcpProxy, through } from '../../../support/tcp-proxy.ts'
import { fleet } from '../../../support/world/fleet.ts'

const errorMs = 10_000
const backMs = 60_000

/** As long as it takes, in a tenth of the time. */
const quick: Deadlines = { ...deadlines, connect: 800, silence: 300, asking: 250, heartbeat: 200, idleWaiting: 1_500 }

async function silentPath(times = quick) {
  const url = await freshDatabase()
  const proxy = await startTcpProxy(portOf(url))
  const direct = createPool(url, { max: 2, onError: () => undefined })
  const told: string[] = []
  const onError = ({ message }: Error) => told.push(message)
  const pool = createPool(through(url, proxy), { max: 3, name: 'fado far', deadlines: times, onError })
  onTestFinished(() => direct.end())
  onTestFinished(() => pool.end())
  return { proxy, pool, direct, told }
}
type Path = Awaited<ReturnType<typeof silentPath>>

/** How it ended, and after how many milliseconds. */
async function timed(work: Promise<unknown>) {
  const begun = performance.now()
  const failed = await work.then(
    () => false,
    () => true,
  )
  return { failed, ms: performance.now() - begun }
}

/** Several connections are open and idle, and one is in a transaction. */
async function useAll({ pool }: Path) {
  await Promise.all([1, 2, 3].map(() => pool.query('SELECT pg_sleep(0.05)')))
  await pool.lazily.query('SELECT 1')
}

test.for(['when only new connections work', 'when the path comes back'])(
  'a query, a lazy one, a transaction and Prisma fail within 10 s and work within a minute %s',
  async (when) => {
    const path = await silentPath(deadlines)
    const { pool, proxy, told } = path
    const db = createDb(pool)
    await useAll(path)
    const dead = when === 'when the path comes back'
    if (dead) proxy.freezeNew(true)
    proxy.freezeOpen()
    const calls = () =>
      Promise.all([
        timed(pool.query('SELECT 1')),
        timed(pool.lazily.query('SELECT 1')),
        timed(pool.transaction((sql) => sql.query('SELECT 1'))),
        timed(db.transaction((tx) => tx.query('SELECT 1'))),
      ])
    for (const { failed, ms } of await calls()) {
      expect(failed).toBe(true)
      expect(ms).toBeLessThan(errorMs)
    }
    expect(told.join()).toContain('PostgreSQL does not answer')
    if (dead) for (const { ms } of await calls()) expect(ms).toBeLessThan(errorMs)
    proxy.freezeNew(false)
    const back = performance.now()
    await eventually('all work', async () => (await calls()).every(({ failed }) => !failed), 60)
    expect(performance.now() - back).toBeLessThan(backMs)
  },
)

test('a connection that falls silent before its first answer is given up, and its place in the pool is free', async () => {
  const { pool, proxy } = await silentPath()
  proxy.freezeBefore('SET statement_timeout')
  const each = () => [pool.query('SELECT 1'), pool.transaction((sql) => sql.query('SELECT 1')), pool.dedicated()]
  for (const { failed, ms } of await Promise.all(each().map(timed))) {
    expect(failed).toBe(true)
    expect(ms).toBeLessThan(errorMs)
  }
  proxy.freezeBefore(undefined)
  await Promise.all([1, 2, 3].map(() => pool.query('SELECT pg_sleep(0.1)'))) // as many as it may have
})

test('a statement that the server works on is not taken for silence', async () => {
  const { pool } = await silentPath({ ...quick, asking: 1_200 }) // a busy machine answers late, too
  const slow = await pool.query<{ one: string }>('SELECT pg_sleep(1.5)::text AS one')
  expect(slow.rows).toHaveLength(1)
})

test('a server that nobody can ask is silent, also where this process is held up while it begins to', async () => {
  const path = await silentPath()
  const { pool, proxy } = path
  await useAll(path)
  const { connect } = pg.Client.prototype
  const heldUp = vi.spyOn(pg.Client.prototype, 'connect').mockImplementation(function (this: pg.Client, callback) {
    for (const end = performance.now() + 5; performance.now() < end; );
    return connect.call(this, callback)
  })
  onTestFinished(() => heldUp.mockRestore())
  proxy.freezeNew(true)
  for (const round of [1, 2, 3]) {
    proxy.freezeOpen()
    const { failed, ms } = await timed(pool.query('SELECT 1'))
    expect(failed, `round ${round}`).toBe(true)
    expect(ms).toBeLessThan(errorMs)
  }
})

test('what a silent connection held at the server is free soon after new ones work', async () => {
  const path = await silentPath()
  const { pool, proxy, direct } = path
  await fleet(direct).cluster('edge')
  const update = `UPDATE cluster SET name = 'cloud'`
  const held = pool.transaction(async (sql) => {
    await sql.query(update)
    proxy.freezeOpen()
    await sql.query('SELECT 1')
  })
  await expect(held).rejects.toThrow('does not answer')
  const { failed, ms } = await timed(direct.query(update))
  expect(failed).toBe(false)
  expect(ms).toBeLessThan(2_000)
})

test('who LISTENs hears again, and is told to look at everything', async () => {
  const path = await silentPath()
  const { pool, proxy, direct } = path
  const wakeups = await createWakeups(pool, () => undefined)
  onTestFinished(() => wakeups.stop())
  let heard = 0
  wakeups.on('bucket', () => heard++)
  proxy.freezeOpen()
  await eventually('the loss is noticed', () => !wakeups.isListening(), errorMs / 1000)
  await eventually('it listens again and looks at everything', () => wakeups.isListening() && heard > 0)
  heard = 0
  await eventually('it hears', async () => {
    await direct.query(`SELECT pg_notify('fado', 'bucket')`)
    return heard > 0
  })
})

test('a wake-up that could not be sent is sent after the connection is back', async () => {
  const path = await silentPath()
  const near = await createWakeups(path.direct, () => undefined)
  onTestFinished(() => near.stop())
  const far = await createWakeups(path.pool, () => undefined)
  onTestFinished(() => far.stop())
  const heard = new Promise<void>((resolve) => near.on('task', resolve))
  path.proxy.freezeOpen()
  path.pool.wake('task')
  await heard
})

test('a leader whose path is silent resigns, and another one leads within the minute though the old session stays open', async () => {
  const { pool, proxy, direct } = await silentPath()
  let far = 'none'
  const lead = (told: (state: string) => void) => () => {
    told('leads')
    return async () => told('resigned')
  }
  const first = startLeadership({
    pool,
    duty: 7,
    lead: lead((state) => {
      far = state
    }),
    onError: () => undefined,
  })
  onTestFinished(() => first.stop())
  await eventually('it leads', () => far === 'leads')
  let near = 'none'
  const second = startLeadership({
    pool: direct,
    duty: 7,
    lead: lead((state) => {
      near = state
    }),
    onError: () => undefined,
  })
  onTestFinished(() => second.stop())
  proxy.freezeNew(true)
  proxy.freezeOpen()
  await eventually('it resigns', () => far === 'resigned', errorMs / 1000)
  await eventually('the other one leads', () => near === 'leads', 30)
})

test('of a leader that is paused another one hears within ten seconds', async () => {
  const { pool, proxy, direct } = await silentPath(deadlines)
  const leading: string[] = []
  const leader = (of: Pool, name: string) => {
    const lead = () => {
      leading.push(name)
      return async () => undefined
    }
    const one = startLeadership({ pool: of, duty: 8, lead, onError: () => undefined })
    onTestFinished(() => one.stop())
  }
  leader(pool, 'paused')
  await eventually('it leads', () => leading.length === 1)
  leader(direct, 'other')
  // For the server it is the same: it hears nothing.
  proxy.freezeNew(true)
  proxy.freezeOpen()
  const begun = performance.now()
  await eventually('the other one leads', () => leading.includes('other'), 30)
  expect(performance.now() - begun).toBeLessThan(10_000)
})

/** Holds the lock until `enough`. Resolves when it has it, and rejects when it cannot have it; `end`: when it is given back. */
async function hold(pool: Pool, name: string, enough: Promise<unknown>, work = () => {}) {
  const locked = Promise.withResolvers<void>()
  const end = withLock(pool, name, async () => {
    locked.resolve()
    await enough
    work()
  })
  await Promise.race([locked.promise, end])
  return { end }
}

test('a lock is waited for, within a process and between two', async () => {
  const { pool, direct } = await silentPath(deadlines)
  const order: string[] = []
  const enough = Promise.withResolvers<void>()
  const holder = await hold(pool, 'store', enough.promise, () => order.push('first ends'))
  const others = [pool, pool, direct].map((one) => withLock(one, 'store', async () => void order.push('another')))
  const elsewhere = await withLock(pool, 'other', async () => 'done')
  expect(elsewhere).toBe('done')
  await delay(300) // each has asked more than once
  expect(order).toEqual([])
  enough.resolve()
  await Promise.all([holder.end, ...others])
  expect(order).toEqual(['first ends', 'another', 'another', 'another'])
})

test('a lock is free when its session is silent', async () => {
  const { pool, proxy, direct } = await silentPath({ ...quick, connect: 8_000 })
  const stuck = await hold(pool, 'store', delay(600))
  proxy.freezeNew(true)
  proxy.freezeOpen()
  const { failed, ms } = await timed(withLock(direct, 'store', async () => undefined))
  expect(failed).toBe(false)
  expect(ms).toBeLessThan(30_000)
  await stuck.end
})

test('the end of a pool does not wait for a server that is silent, nor for who holds a connection', async () => {
  const path = await silentPath()
  const { pool, proxy } = path
  await useAll(path)
  proxy.freezeNew(true)
  proxy.freezeOpen()
  const waiting = timed(pool.query('SELECT 1'))
  const forgotten = pool.transaction(() => new Promise(() => undefined))
  forgotten.catch(() => undefined)
  await delay(0)
  const begun = performance.now()
  const ended = pool.end()
  expect((await waiting).failed).toBe(true)
  await Promise.race([ended, delay(5_000)])
  expect(performance.now() - begun).toBeLessThan(5_000)
})

test('the end of a pool does not wait for connections that are begun to a server that is silent', async () => {
  const { pool, proxy } = await silentPath({ ...quick, connect: 30_000 })
  proxy.freezeNew(true)
  const waiting = [pool.query('SELECT 1'), pool.lazily.query('SELECT 1'), pool.dedicated()].map(timed)
  await delay(100)
  const ended = timed(pool.end())
  for (const { failed, ms } of await Promise.all(waiting)) {
    expect(failed).toBe(true)
    expect(ms).toBeLessThan(5_000)
  }
  expect((await ended).ms).toBeLessThan(5_000)
})

test('a brief look takes leave also of a server that is silent', async () => {
  const url = await freshDatabase()
  const proxy = await startTcpProxy(portOf(url))
  const client = await connectBriefly(through(url, proxy))
  proxy.freezeOpen()
  expect((await timed(client.end())).ms).toBeLessThan(5_000)
})

test('a process that was held up itself takes no answer that came meanwhile for silence', async () => {
  const slow: Deadlines = { ...deadlines, silence: 1_000 }
  const told: string[] = []
  const onError = ({ message }: Error) => told.push(message)
  const pool = createPool(await freshDatabase(), { max: 1, deadlines: slow, onError })
  onTestFinished(() => pool.end())
  await pool.transaction(async (tx) => {
    const first = tx.query('SELECT pg_sleep(0.7)')
    await delay(slow.silence / 2) // it is known to be under way
    // Just before timers are looked at: the watch looks before the answer is read.
    setImmediate(() => {
      for (const end = performance.now() + 2 * slow.silence; performance.now() < end; );
    })
    await first
    await delay(slow.silence / 2) // the server works on nothing of ours
    await tx.query('SELECT 1')
  })
  expect(told).toEqual([])
})
