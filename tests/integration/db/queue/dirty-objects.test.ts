// What may be acted on of a delete, and since when a key waits.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { isBeingWritten, lookNow, markFound, markObjects } from '../../../../server/db/queue/dirty-objects.ts'
import { sweepAllMasters, sweepSoon, sweepStore, type WellBefore } from '../../../../server/db/queue/sweeps.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet, fromNow } from '../../../support/world/fleet.ts'

async function start() {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
  const bucket = await hpc.store.bucket('photos')
  const replica = await bucket.replica(edge.store)
  const at = { bucketId: bucket.id, storageId: edge.store.id }
  const mayDelete = async () =>
    (
      await pool.query<{ may: boolean }>('SELECT may_delete AS may FROM dirty_object WHERE storage_id = $1', [
        edge.store.id,
      ])
    ).rows[0]?.may
  return { pool, hpc, edge, bucket, replica, at, mayDelete }
}

test.each(['by its name on its store', 'by its id'])(
  'a delete that an event tells (of a bucket %s) may be followed, unless events may be missing',
  async (how) => {
    const { pool, hpc, bucket, mayDelete } = await start()
    const named = how === 'by its id' ? { bucketId: bucket.id } : { masterBucketName: 'photos' }
    await sweepStore(pool, hpc.store.id, 'not-known')
    await markObjects(pool, [{ ...named, key: 'k', removed: true }])
    expect(await mayDelete()).toBe(false)
    await pool.query('UPDATE bucket SET gap_since = NULL')
    await markObjects(pool, [{ ...named, key: 'k', removed: true }])
    expect(await mayDelete()).toBe(true)
  },
)

test('until when events were watched is known where the store sends them and no gap was open by then', async () => {
  const { pool, hpc } = await start()
  const gone = async (wellBefore: WellBefore) => {
    await sweepStore(pool, hpc.store.id, wellBefore)
    const { rows } = await pool.query<{ s: number | null }>(
      'SELECT extract(epoch FROM now() - watched_until)::float8 AS s FROM bucket',
    )
    return rows[0]?.s ?? null
  }
  const closed = () => pool.query('UPDATE bucket SET gap_since = NULL, watched_until = NULL')
  const sinceEver = 1e9
  expect(await gone(30)).toBeCloseTo(31, 0)
  expect(await gone(2), 'the gap is open since').toBeCloseTo(31, 0)
  await closed()
  expect(await gone('not-known')).toBeGreaterThan(sinceEver)
  expect(await gone(2), 'the gap was open by then').toBeGreaterThan(sinceEver)
  await closed()
  expect(await gone('not-asked')).toBeNull()
  expect(await gone(30), 'a mover noted it first').toBeCloseTo(31, 0)
  await closed()
  await sweepAllMasters(pool)
  expect(await gone(30)).toBeGreaterThan(sinceEver)
  await closed()
  await pool.query(`UPDATE storage_deployment SET capabilities = '{}'`)
  expect(await gone(30), 'it sends none').toBeGreaterThan(sinceEver)
  await closed()
  await pool.query(`UPDATE storage_deployment SET capabilities = '{webhook-events}'`)
  await pool.query('INSERT INTO bucket_events (bucket_id, untold_at) SELECT id, now() FROM bucket')
  expect(await gone(30), 'what it sends is not believed').toBeGreaterThan(sinceEver)
  await closed()
  await pool.query('UPDATE bucket_events SET heard_at = now()')
  expect(await gone(30), 'it is believed again').toBeCloseTo(31, 0)
  await closed()
  await pool.query(`UPDATE storage_deployment SET events = 'external'`)
  expect(await gone(30), 'others have set it up').toBeGreaterThan(sinceEver)
})

test('of buckets of one name on several stores an event marks the one whose store it names', async () => {
  const { pool, bucket } = await start()
  const other = await (await fleet(pool).cluster('other')).store.bucket('videos', { masterBucketName: 'photos' })
  const marked = async (store?: string) => {
    await pool.query('DELETE FROM dirty_object')
    const mark = { masterBucketName: 'photos', key: 'k', removed: false, ...(store === undefined ? {} : { store }) }
    return (await markObjects(pool, [mark])).sort()
  }
  expect(await marked()).toEqual([bucket.id, other.id].sort())
  expect(await marked('other')).toEqual([other.id])
  expect(await marked('nowhere')).toEqual([])
})

test('events of any store may be missing where all masters are looked at again', async () => {
  const { pool, mayDelete } = await start()
  await sweepAllMasters(pool)
  await markObjects(pool, [{ masterBucketName: 'photos', key: 'k', removed: true }])
  expect(await mayDelete()).toBe(false)
})

test('the last mark says whether a delete may be followed', async () => {
  const { pool, at, bucket, mayDelete } = await start()
  const event = (removed: boolean) => markObjects(pool, [{ masterBucketName: 'photos', key: 'k', removed }])
  const found = (may: boolean) =>
    markFound(pool, { ...at, storageIds: [at.storageId], bulk: false }, [
      { key: 'k', size: 1, since: null, mayDelete: may },
    ])
  for (const mark of [event, found]) {
    await mark(true)
    expect(await mayDelete()).toBe(true)
    await mark(false)
    expect(await mayDelete(), 'it was written again').toBe(false)
  }
  const both = [{ bucketId: bucket.id }, { masterBucketName: 'photos' }] as const
  await markObjects(
    pool,
    both.map((named, n) => ({ ...named, key: 'k', removed: n === 0 })),
  )
  expect(await mayDelete(), 'nobody knows which came first').toBe(false)
})

test('news of a key that failed do not end its wait, and those of one that only waits make it due', async () => {
  const { pool, bucket, replica, at } = await start()
  await replica.waits('failed', { attempts: 3, notBefore: fromNow(600) })
  await replica.waits('waits', { notBefore: fromNow(600) })
  await markObjects(
    pool,
    ['failed', 'waits'].map((key) => ({ bucketId: bucket.id, key, removed: false })),
  )
  const { rows } = await pool.query<object>(
    'SELECT key, not_before <= now() AS due FROM dirty_object WHERE storage_id = $1 ORDER BY key',
    [at.storageId],
  )
  expect(rows).toEqual([
    { key: 'failed', due: false },
    { key: 'waits', due: true },
  ])
})

test('of a bucket that is being deleted no event marks anything', async () => {
  const { pool, bucket } = await start()
  await pool.query(`UPDATE bucket SET state = 'deleting'`)
  for (const named of [{ bucketId: bucket.id }, { masterBucketName: 'photos' }])
    await markObjects(pool, [{ ...named, key: 'k', removed: false }])
  expect((await pool.query('SELECT 1 FROM dirty_object')).rowCount).toBe(0)
})

test('news of a key that is worked on wait from when they came, not from when its holder is done', async () => {
  const { pool, at, replica } = await start()
  await pool.query("UPDATE bucket SET created_at = now() - interval '2 hours'")
  await replica.waits('k', { leaseOwner: randomUUID(), since: fromNow(-60) })
  const news = (ago: number) =>
    markFound(pool, { ...at, storageIds: [at.storageId], bulk: false }, [
      { key: 'k', size: 1, since: Date.now() - ago * 1000, mayDelete: false },
    ])
  await news(30)
  await news(10)
  const { rows } = await pool.query<{ since: number; next: number }>(
    `SELECT extract(epoch FROM now() - since)::float8 AS since, extract(epoch FROM now() - since_next)::float8 AS next FROM dirty_object`,
  )
  expect(rows[0]?.since).toBeCloseTo(60, -1)
  expect(rows[0]?.next).toBeCloseTo(30, -1)
})

test('what a comparison finds waits no longer than FaDO has known of its bucket, however old the object is', async () => {
  const { pool, bucket, at } = await start()
  const [hour, years] = [3_600, 8 * 365 * 86_400]
  await pool.query("UPDATE bucket SET created_at = now() - interval '2 hours'")
  const found = (key: string, secondsAgo: number) =>
    ({ key, size: 1, since: Date.now() - secondsAgo * 1000, mayDelete: false }) as const
  await markFound(pool, { bucketId: bucket.id, storageIds: [at.storageId], bulk: false }, [
    found('old', years),
    found('younger', hour),
  ])
  const { rows } = await pool.query<{ key: string; hours: number }>(
    'SELECT key, round(extract(epoch FROM now() - since) / 3600)::int AS hours FROM dirty_object ORDER BY key',
  )
  expect(rows).toEqual([
    { key: 'old', hours: 2 },
    { key: 'younger', hours: 1 },
  ])
})

test('a copy may still be written to while a lease lasts, and while a write that was cut off may land', async () => {
  const { pool, at, replica } = await start()
  const busy = () => isBeingWritten(pool, at.bucketId, at.storageId, 5)
  expect(await busy()).toBe(false)
  await replica.waits('k', { leaseOwner: randomUUID(), leaseUntil: fromNow(-3) })
  expect(await busy(), 'it ran out a moment ago').toBe(true)
  await replica.waits('k', { leaseOwner: null, leaseUntil: fromNow(-10) })
  expect(await busy()).toBe(false)
  await replica.waits('k', { lookAgainAt: fromNow(10) })
  expect(await busy(), 'it is looked at again').toBe(true)
})

test('a comparison that something seen calls for comes also where one is under way', async () => {
  const { pool, at, replica } = await start()
  await replica.task('sweep', { leaseOwner: randomUUID(), leaseUntil: fromNow(60) })
  await sweepSoon(pool, at.bucketId, at.storageId)
  const { rows } = await pool.query<{ generation: number }>('SELECT generation FROM replica_task')
  expect(rows).toEqual([{ generation: 2 }])
})

test('what failed of a store that answers again is due, and where a write may land late once that had its time', async () => {
  const pool = await freshPool()
  const world = fleet(pool)
  const [hpc, edge] = [await world.cluster('hpc'), await world.cluster('edge')]
  const replica = await (await hpc.store.bucket('photos')).replica(edge.store)
  const notBefore = new Date(Date.now() + 3_600_000)
  const failed = { attempts: 5, notBefore, failure: { store: 'edge' } }
  await replica.waits('failed', failed)
  await replica.waits('cut-off', { ...failed, lookAgainAt: new Date(0) })
  await replica.waits('of-another-store', { ...failed, failure: { store: 'hpc' } })
  await lookNow(pool, { id: edge.store.id, name: 'edge' }, 600)
  const { rows } = await pool.query<object>(
    `SELECT key, not_before <= now() AS due, not_before < now() + interval '11 min' AS soon FROM dirty_object ORDER BY key`,
  )
  expect(rows).toEqual([
    { key: 'cut-off', due: false, soon: true },
    { key: 'failed', due: true, soon: true },
    { key: 'of-another-store', due: false, soon: false },
  ])
})
