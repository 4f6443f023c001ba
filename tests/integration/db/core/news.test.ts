// A transaction carries its news: what is said inside it is told after its commit, once, and never without it.
import { expect, onTestFinished, test } from 'vitest'
import { observe } from '../../../../server/db/copies/replica.ts'
import { createDb } from '../../../../server/db/core/client.ts'
import type { Topic } from '../../../../server/db/core/news.ts'
import { createWakeups, type Wakeups } from '../../../../server/db/core/notify.ts'
import { createPool, type Pool, type Tx } from '../../../../server/db/core/pool.ts'
import { markObjects } from '../../../../server/db/queue/dirty-objects.ts'
import { eventually } from '../../../support/eventually.ts'
import { freshDatabase } from '../../../support/postgres.ts'
import { fleet } from '../../../support/world/fleet.ts'

type Opener = 'pool' | 'Prisma'
const openers: Opener[] = ['pool', 'Prisma']

async function start(opener: Opener = 'pool') {
  const url = await freshDatabase()
  const pool = createPool(url, { max: 3, onError: () => undefined })
  onTestFinished(() => pool.end())
  const db = createDb(pool)
  onTestFinished(() => db.end())
  const woken: string[] = []
  pool.onWake((topic) => void woken.push(topic))
  const transaction = <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
    opener === 'pool' ? pool.transaction(work) : db.transaction(work)
  return { url, pool, woken, transaction }
}

const events = async (pool: Pool) =>
  (await pool.query<{ topic: string; subject: string }>('SELECT topic, subject FROM event ORDER BY number')).rows
const versionOf = async (pool: Pool) =>
  (await pool.query<{ version: number }>('SELECT version FROM fleet')).rows[0]?.version
const write = (tx: Tx) => tx.query('UPDATE fleet SET version = version + 1')
const askToRetry = (tx: Tx) =>
  tx.query(`DO $$ BEGIN RAISE EXCEPTION 'as if it met another' USING ERRCODE = '40001'; END $$`)

test.for(openers)('what was rolled back is not told (%s)', async (opener) => {
  const { pool, woken, transaction } = await start(opener)
  const failed = transaction(async (tx) => {
    await write(tx)
    tx.changed('bucket', ['b'])
    tx.wake('task')
    throw new Error('no')
  })
  await expect(failed).rejects.toThrow('no')
  expect(woken).toEqual([])
  expect(await events(pool)).toEqual([])
})

test('a transaction whose failed statement was passed over neither commits in silence nor tells', async () => {
  const { pool, woken, transaction } = await start()
  const before = await versionOf(pool)
  const passed = transaction(async (tx) => {
    await write(tx)
    tx.wake('task')
    await tx.query('SELECT 1 / 0').catch(() => undefined)
  })
  await expect(passed).rejects.toThrow('cannot be committed')
  expect(woken).toEqual([])
  expect(await versionOf(pool)).toBe(before)
})

test.for(openers)(
  'of a transaction that is tried again only the attempt that commits is told, once (%s)',
  async (opener) => {
    const { pool, woken, transaction } = await start(opener)
    let attempts = 0
    await transaction(async (tx) => {
      attempts++
      tx.changed('bucket', [`attempt ${attempts}`])
      if (attempts > 1) return tx.wake('task')
      tx.changed('route', ['of the first'])
      tx.wake('object')
      await askToRetry(tx)
    })
    expect(attempts).toBe(2)
    expect(await events(pool)).toEqual([{ topic: 'bucket', subject: 'attempt 2' }])
    expect(woken.toSorted()).toEqual(['event', 'task'])
  },
)

test.for(openers)(
  'two transactions that wait for each other both end, the one that gave way by trying again (%s)',
  async (opener) => {
    const { pool, transaction } = await start(opener)
    const rows = fleet(pool)
    const [one, other] = [await rows.cluster('one'), await rows.cluster('other')]
    const lock = (tx: Tx, { id }: { id: string }) =>
      tx.query('SELECT 1 FROM cluster WHERE id = $1::uuid FOR UPDATE', [id])
    const met = Promise.withResolvers<void>()
    const ended = Promise.withResolvers<void>()
    let firsts = 0
    let attempts = 0
    const inOrder = async (...clusters: { id: string }[]) => {
      await transaction(async (tx) => {
        if (++attempts > 2) await ended.promise // or the one that gave way could meet the other again
        for (const cluster of clusters) {
          await lock(tx, cluster)
          if (++firsts === 2) met.resolve()
          await met.promise // each has its first
        }
      })
      ended.resolve()
    }
    await Promise.all([inOrder(one, other), inOrder(other, one)])
    expect(attempts).toBe(3)
  },
)

test.for(openers)(
  'each subject that changed is told once, however often it is said, in one statement (%s)',
  async (opener) => {
    const { pool, woken, transaction } = await start(opener)
    await transaction(async (tx) => {
      tx.changed('bucket', ['a', 'b', 'a'])
      tx.changed('replica', ['a'])
      tx.changed('bucket', ['b', 'c'])
      tx.changed('route', [])
      tx.wake('task')
      tx.wake('task')
    })
    expect(await events(pool)).toEqual([
      ...['a', 'b', 'c'].map((subject) => ({ topic: 'bucket', subject })),
      { topic: 'replica', subject: 'a' },
    ])
    expect(woken.toSorted()).toEqual(['event', 'task'])
  },
)

test('two steps of one transaction that move the same copy are one event of it', async () => {
  const { pool, woken, transaction } = await start()
  const rows = fleet(pool)
  const { store } = await rows.cluster('hpc')
  const bucket = await store.bucket('photos')
  const { id } = await bucket.replica((await rows.cluster('edge')).store, { observed: 'absent' })
  woken.length = 0
  await transaction(async (tx) => {
    await observe(tx, id, 'create')
    await observe(tx, id, 'created')
    expect(woken).toEqual([])
  })
  expect(await events(pool)).toEqual([{ topic: 'replica', subject: id }])
  expect(woken.toSorted()).toEqual(['bucket', 'event', 'object'])
})

const untilHeard = (all: readonly Wakeups[], topic: Topic) =>
  Promise.all(all.map((one) => new Promise<void>((resolve) => one.on(topic, resolve))))

test.for(openers)('who is woken sees what was written, in this process and in others (%s)', async (opener) => {
  const { url, pool, transaction } = await start(opener)
  const near = await createWakeups(pool, () => undefined)
  onTestFinished(() => near.stop())
  const elsewhere = createPool(url, { max: 2, onError: () => undefined })
  onTestFinished(() => elsewhere.end())
  const far = await createWakeups(elsewhere, () => undefined)
  onTestFinished(() => far.stop())
  const before = (await versionOf(pool)) ?? 0
  const seen: Promise<unknown>[] = []
  const heard = { near: 0, far: 0 }
  near.on('bucket', () => {
    heard.near++
    seen.push(versionOf(pool))
  })
  far.on('bucket', () => {
    heard.far++
    seen.push(versionOf(elsewhere))
  })
  await transaction(async (tx) => {
    tx.wake('bucket') // before the write: the order inside does not matter
    await write(tx)
    const after = untilHeard([near, far], 'route')
    pool.wake('route') // what had been told before it would have been heard by then
    await after
    expect(heard).toEqual({ near: 0, far: 0 })
  })
  await eventually('both heard', () => heard.near > 0 && heard.far > 0)
  expect(await Promise.all(seen)).toEqual([before + 1, before + 1])
})

test('a single statement wakes when it is done, and only when it marked something', async () => {
  const { pool, woken } = await start()
  const rows = fleet(pool)
  const { store } = await rows.cluster('hpc')
  const { id: bucketId } = await store.bucket('photos')
  woken.length = 0
  await markObjects(pool, [{ masterBucketName: 'unknown', key: 'a', removed: false }])
  expect(woken).toEqual([])
  await markObjects(pool.lazily, [{ bucketId, key: 'a', removed: false }])
  expect(woken).toEqual(['object'])
})
