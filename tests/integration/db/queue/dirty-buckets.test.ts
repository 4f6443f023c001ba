import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  type BucketEnd,
  claimBuckets,
  finishBuckets,
  type Mark,
  markBuckets,
  nextDueBucket,
} from '../../../../server/db/queue/dirty-buckets.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { pagesTouched } from '../../../support/pages-touched.ts'
import { untilSomebodyWaits } from '../../../support/until-somebody-waits.ts'
import { fleet, fromNow } from '../../../support/world/fleet.ts'

const owner = randomUUID()

async function start() {
  const pool = await freshPool(3)
  const world = fleet(pool)
  const { store } = await world.cluster('hpc')
  const { id } = await store.bucket('photos')
  const mark = (how: Mark) => world.mark({ kind: 'ids', ids: [id] }, how)
  async function claim() {
    const [one] = await claimBuckets(pool, owner, 10, 30, 'single')
    if (one === undefined) throw new Error('nothing to claim')
    return one
  }
  const row = async () =>
    (
      await pool.query<{ intent: boolean; narrowing: boolean; due: boolean }>(
        'SELECT intent, narrowing, not_before <= now() AS due FROM dirty_bucket',
      )
    ).rows[0]
  const finish = async (claimed: Awaited<ReturnType<typeof claim>>, outcome: BucketEnd) =>
    finishBuckets(pool, owner, [{ claim: claimed, outcome }])
  return { pool, world, store, mark, claim, finish, row }
}
const change: Mark = { intent: true, narrowing: true }

test('a change is decided once its decision is written, though the bucket waits for something else by then', async () => {
  const { mark, claim, finish, row } = await start()
  await mark(change)
  await finish(await claim(), { kind: 'after', seconds: 60 })
  expect(await row()).toEqual({ intent: false, narrowing: false, due: false })
  await mark({})
  await finish(await claim(), { kind: 'done' })
  expect(await row()).toBeUndefined()
})

test.each<BucketEnd>([{ kind: 'done' }, { kind: 'after', seconds: 60 }, { kind: 'retry' }])(
  'a change that comes while the one before is decided ($kind) stays due, undecided and narrowing',
  async (outcome) => {
    const { mark, claim, finish, row } = await start()
    await mark({})
    const claimed = await claim()
    await mark(change)
    await finish(claimed, outcome)
    expect(await row()).toEqual({ intent: true, narrowing: true, due: true })
  },
)

test('so does one that comes while the decision before is being finished', async () => {
  const { pool, mark, claim, finish, row } = await start()
  await mark({})
  const claimed = await claim()
  let finishing: Promise<number> | undefined
  await pool.transaction(async (tx) => {
    await markBuckets(tx, { kind: 'ids', ids: [claimed.bucketId] }, change)
    finishing = finish(claimed, { kind: 'done' })
    await untilSomebodyWaits(pool)
  })
  expect(await finishing).toBe(1)
  expect(await row()).toEqual({ intent: true, narrowing: true, due: true })
  expect(await claim()).toMatchObject({ bucketId: claimed.bucketId, intent: true })
})

test('a change whose decision failed stays undecided and narrowing, and another mark takes neither away', async () => {
  const { mark, claim, finish, row } = await start()
  await mark(change)
  await finish(await claim(), { kind: 'retry' })
  expect(await row()).toMatchObject({ intent: true, narrowing: true })
  await mark({})
  expect(await row()).toMatchObject({ intent: true, narrowing: true })
})

test('what fails is tried again ever later, up to a minute, and at once when it is marked again', async () => {
  const { pool, mark, claim } = await start()
  const waits = async () => {
    const claimed = await claim()
    return pool.transaction(async (tx) => {
      await finishBuckets(tx, owner, [{ claim: claimed, outcome: { kind: 'retry' } }])
      const { rows } = await tx.query<{ seconds: number }>(
        'SELECT extract(epoch FROM not_before - now())::float8 AS seconds FROM dirty_bucket',
      )
      await tx.query('UPDATE dirty_bucket SET not_before = now()')
      return rows[0]?.seconds
    })
  }
  await mark({})
  for (const seconds of [0.25, 0.5, 1, 2, 4, 8, 16, 32, 60, 60]) expect(await waits()).toBe(seconds)
  await mark({})
  expect(await waits()).toBe(0.25)
})

test('a claimed bucket is claimed by nobody else while its lease lasts, and by anybody after it', async () => {
  const { pool, mark, claim } = await start()
  await mark({})
  await claim()
  expect(await claimBuckets(pool, randomUUID(), 10, 30, 'single')).toEqual([])
  await pool.query(`UPDATE dirty_bucket SET lease_until = now() - interval '1 ms'`)
  expect(await claimBuckets(pool, randomUUID(), 10, 30, 'single')).toHaveLength(1)
})

test('the next bucket is due when the first lease ends, or when the first of the others is due', async () => {
  const { pool, store, mark, claim, finish } = await start()
  expect(await nextDueBucket(pool, 'single')).toBeUndefined()
  await mark({})
  expect(await nextDueBucket(pool, 'single')).toBeLessThanOrEqual(0)
  expect(await nextDueBucket(pool, 'bulk')).toBeUndefined()
  const claimed = await claim()
  expect(await nextDueBucket(pool, 'single')).toBeCloseTo(30, -1)
  const other = await store.bucket('other')
  await other.dirty({ notBefore: fromNow(20) })
  expect(await nextDueBucket(pool, 'single')).toBeCloseTo(20, -1)
  await finish(claimed, { kind: 'after', seconds: 10 })
  expect(await nextDueBucket(pool, 'single')).toBeCloseTo(10, -1)
})

test('a bucket of any turn is waited for, whether a user waits for it or not, and whether it is claimed', async () => {
  const { pool, store } = await start()
  const { id } = await store.bucket('other')
  for (const turn of [0, 1, 2, 3])
    for (const intent of [true, false])
      for (const wait of ['not_before', 'lease_until']) {
        await pool.query('DELETE FROM dirty_bucket')
        await pool.query(
          `INSERT INTO dirty_bucket (bucket_id, turn, intent, not_before) VALUES ($1, $2, $3, now() - interval '1 s')`,
          [id, turn, intent],
        )
        await pool.query(`UPDATE dirty_bucket SET ${wait} = now() + interval '20 s'`)
        const [its, others] = turn === 0 ? (['single', 'bulk'] as const) : (['bulk', 'single'] as const)
        expect(await nextDueBucket(pool, its), `${turn} ${intent} ${wait}`).toBeCloseTo(20, -1)
        expect(await nextDueBucket(pool, others)).toBeUndefined()
      }
})

test.each(['single', 'bulk'] as const)('of the many that wait in a turn (%s) the first alone is read', async (turn) => {
  const { pool, store } = await start()
  await pool.query(
    `WITH many AS (INSERT INTO bucket (id, name, state, master_storage_id, master_bucket_name)
       SELECT gen_random_uuid(), 'many-' || i, 'active', $1::uuid, i FROM generate_series(1, 5000) AS i RETURNING id)
     INSERT INTO dirty_bucket (bucket_id, turn, not_before)
     SELECT id, $2, now() + interval '1 hour' * row_number() OVER () FROM many`,
    [store.id, turn === 'single' ? 0 : 3],
  )
  await pool.transaction(
    async (tx) => {
      const before = await pagesTouched(tx)
      expect(await nextDueBucket(tx, turn)).toBeCloseTo(3600, -1)
      expect((await pagesTouched(tx)) - before).toBeLessThan(30) // 100 hold them
    },
    { plansOnce: true },
  )
})

test('what is marked is due in that very moment, not when its time has been rounded up', async () => {
  const { pool, store } = await start()
  for (let at = 0; at < 20; at++) {
    const { id } = await store.bucket(`now-${at}`)
    await pool.transaction(async (tx) => {
      await markBuckets(tx, { kind: 'ids', ids: [id] })
      expect(await claimBuckets(tx, owner, 10, 30, 'single')).toMatchObject([{ bucketId: id }])
      await tx.query('DELETE FROM dirty_bucket')
    })
  }
})

test("users' changes are decided before all else that waits", async () => {
  const { pool, store, mark } = await start()
  await mark({ intent: true })
  const older = await store.bucket('older')
  await older.dirty({ notBefore: fromNow(-60) })
  const { rows } = await pool.query<{ id: string }>(`SELECT id FROM bucket WHERE name = 'photos'`)
  expect(await claimBuckets(pool, owner, 1, 30, 'single')).toMatchObject([{ bucketId: rows[0]?.id, intent: true }])
})

test('what is marked with many others has turns of its own, and is single from when it is marked by itself', async () => {
  const { pool, store } = await start()
  const { id } = await store.bucket('one')
  await markBuckets(pool, { kind: 'all' })
  expect(await claimBuckets(pool, randomUUID(), 10, 30, 'single')).toEqual([])
  const claims = await claimBuckets(pool, owner, 10, 30, 'bulk')
  expect(claims).toHaveLength(2)
  await markBuckets(pool, { kind: 'ids', ids: [id] })
  await finishBuckets(
    pool,
    owner,
    claims.map((claim) => ({ claim, outcome: { kind: 'done' } })),
  )
  expect(await claimBuckets(pool, owner, 10, 30, 'bulk')).toEqual([])
  await markBuckets(pool, { kind: 'all' })
  expect(await claimBuckets(pool, owner, 10, 30, 'single')).toMatchObject([{ bucketId: id }])
})

test('of all buckets those with a copy on the stores that a change is about go first', async () => {
  const { pool, world, store } = await start()
  const other = await world.cluster('other')
  const copied = await store.bucket('copied')
  await copied.replica(other.store)
  const there = await other.store.bucket('there')
  const [change, failure] = [
    { kind: 'all', storesFirst: [other.store.id] },
    { kind: 'storage', storageId: store.id },
  ] as const
  await markBuckets(pool, change, { intent: true })
  const claimed = async (count: number) =>
    (await claimBuckets(pool, randomUUID(), count, 30, 'bulk')).map(({ bucketId }) => bucketId).sort()
  expect(await claimed(2)).toEqual([copied.id, there.id].sort())
  await pool.query('DELETE FROM dirty_bucket')
  await markBuckets(pool, change, { intent: true })
  await markBuckets(pool, failure)
  expect(await claimed(2)).not.toContain(there.id)
})

test('what a store does to its buckets is decided before what users change of all', async () => {
  const { pool, world } = await start()
  const other = await world.cluster('other')
  const { id } = await other.store.bucket('there')
  await markBuckets(pool, { kind: 'all' }, { intent: true })
  await markBuckets(pool, { kind: 'storage', storageId: other.store.id })
  expect(await claimBuckets(pool, owner, 1, 30, 'bulk')).toMatchObject([{ bucketId: id }])
})

test('what happens to a store concerns the buckets that have their master or a copy there, and no other', async () => {
  const { pool, world, store } = await start()
  const edge = await world.cluster('edge')
  const copied = await store.bucket('copied')
  await copied.replica(edge.store)
  const mastered = await edge.store.bucket('mastered')
  await world.mark({ kind: 'storage', storageId: edge.store.id })
  const { rows } = await pool.query<{ id: string }>('SELECT bucket_id AS id FROM dirty_bucket')
  expect(rows.map(({ id }) => id).sort()).toEqual([copied.id, mastered.id].sort())
})
