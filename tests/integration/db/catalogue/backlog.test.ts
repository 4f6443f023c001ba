import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { readBacklog } from '../../../../server/db/catalogue/backlog.ts'
import type { Pool } from '../../../../server/db/core/pool.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { fleet, fromNow } from '../../../support/world/fleet.ts'
import { insert } from '../../../support/world/insert.ts'

async function database(): Promise<Pool> {
  const pool = await freshPool()
  return pool
}

const replica = async (pool: Pool, bucketId: string, storageId: string, wanted = true): Promise<string> => {
  const id = v7()
  await pool.query(
    `INSERT INTO replica (id, bucket_id, storage_id, bucket_name, wanted, generation, epoch) VALUES ($1, $2, $3, 'b', $4, 1, 1)`,
    [id, bucketId, storageId, wanted],
  )
  return id
}

/** A key that waits for so many seconds. */
const dirty = (
  pool: Pool,
  bucketId: string,
  storageId: string,
  key: string,
  age: number,
  more: { attempts?: number; size?: number } = {},
) =>
  pool.query(
    `INSERT INTO dirty_object (bucket_id, storage_id, key, since, attempts, size)
     VALUES ($1, $2, $3, now() - make_interval(secs => $4), $5, $6)`,
    [bucketId, storageId, key, age, more.attempts ?? 0, more.size ?? null],
  )

test('an empty fleet has nothing that waits', async () => {
  expect(await readBacklog(await database(), 100)).toEqual({
    buckets: { due: 0, failing: 0, scheduled: 0, oldest: 0 },
    stores: [],
    worst: [],
    proxies: { connected: 0, gone: 0, refusedRoutes: 0 },
  })
})

test('keys are told by store and age, those of masters apart; the copies that lag most come first', async () => {
  const pool = await database()
  const rows = fleet(pool)
  const [hpc, edge, cloud] = [await rows.cluster('hpc'), await rows.cluster('edge'), await rows.cluster('cloud')]
  const { id: photos } = await hpc.store.bucket('photos')
  const { id: videos } = await edge.store.bucket('videos')
  await replica(pool, photos, edge.store.id)
  await replica(pool, videos, cloud.store.id)
  const braked = await replica(pool, photos, cloud.store.id)
  await pool.query(
    `UPDATE replica SET braked = 7, conflicts = 2, braked_since = now() - interval '2 hours' WHERE id = $1`,
    [braked],
  )
  const ages = [0, 4.5, 6, 59, 61, 299, 301, 899, 901, 3599, 3601, 90_000]
  for (const [i, age] of ages.entries()) await dirty(pool, photos, edge.store.id, `${i}`, age, { size: 10 })
  await dirty(pool, photos, edge.store.id, 'ahead', -30)
  await dirty(pool, photos, hpc.store.id, 'record', 20)
  await dirty(pool, videos, cloud.store.id, 'failed', 100, { attempts: 3 })
  const { stores, worst } = await readBacklog(pool, 2)
  const [ofCloud, ofEdge, ofHpc] = stores
  expect(ofEdge).toMatchObject({
    ...{ store: 'edge', up: true, copies: 12, failing: 0, records: 0, recordsOldest: 0, bytes: 120 },
    byAge: { '5s': 2, '1m': 2, '5m': 2, '15m': 2, '1h': 2, more: 2 },
  })
  expect(ofEdge?.copiesOldest).toBeCloseTo(90_000, -1)
  expect(ofHpc).toMatchObject({ store: 'hpc', copies: 0, copiesOldest: 0, records: 1, byAge: { '1m': 0 } })
  expect(ofHpc?.recordsOldest).toBeCloseTo(20, -1)
  expect(ofCloud).toMatchObject({ store: 'cloud', copies: 1, failing: 1, conflicts: 2, braked: 7, byAge: { '5m': 1 } })
  expect(worst.map(({ bucket, store }) => `${bucket} ${store}`)).toEqual(['photos edge', 'photos cloud'])
  expect(worst[1]?.lag).toBeCloseTo(7_200, -1)
})

test('masters that are stopped and data that lies where zones forbid it are told by store', async () => {
  const pool = await database()
  const rows = fleet(pool)
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const outside = (store: string) => ({ code: 'RESIDENCY_VIOLATION', message: 'it lies there', store })
  const none = { code: 'STORE_UNREACHABLE', message: 'it is down', store: 'edge' }
  await hpc.store.bucket('missing', { masterStopped: 'missing' })
  await hpc.store.bucket('replaced', {
    masterStopped: 'replaced',
    placementReasons: JSON.stringify([none, outside('hpc')]),
  })
  await edge.store.bucket('two-stores', {
    placementReasons: JSON.stringify([outside('hpc'), outside('edge'), outside('edge')]),
  })
  await edge.store.bucket('well', { placementReasons: JSON.stringify([none]) })
  expect((await readBacklog(pool, 1)).stores).toMatchObject([
    { store: 'edge', stopped: 0, violations: 1 },
    { store: 'hpc', stopped: 2, violations: 2 },
  ])
})

test('a copy that is not wanted any more lags behind nothing', async () => {
  const pool = await database()
  const rows = fleet(pool)
  const [hpc, edge] = [await rows.cluster('hpc'), await rows.cluster('edge')]
  const { id: photos } = await hpc.store.bucket('photos')
  await replica(pool, photos, edge.store.id, false)
  await dirty(pool, photos, edge.store.id, 'a', 10)
  expect((await readBacklog(pool, 100)).worst).toEqual([])
})

test('buckets are due, failing, or scheduled; the oldest waits since it was due, a failing one since it was marked', async () => {
  const pool = await database()
  const rows = fleet(pool)
  const hpc = await rows.cluster('hpc')
  const mark = async (name: string, since: number, notBefore: number, attempts = 0) => {
    const { id } = await hpc.store.bucket(name)
    await pool.query(
      `INSERT INTO dirty_bucket (bucket_id, since, not_before, attempts)
       VALUES ($1, now() - make_interval(secs => $2), now() - make_interval(secs => $3), $4)`,
      [id, since, notBefore, attempts],
    )
  }
  await mark('drains', 500, -10)
  expect((await readBacklog(pool, 1)).buckets).toEqual({ due: 0, failing: 0, scheduled: 1, oldest: 0 })
  await mark('due', 400, 30)
  const { buckets } = await readBacklog(pool, 1)
  expect(buckets).toMatchObject({ due: 1, failing: 0, scheduled: 1 })
  expect(buckets.oldest).toBeCloseTo(30, -1)
  await mark('fails', 90, -10, 2)
  const later = (await readBacklog(pool, 1)).buckets
  expect(later).toMatchObject({ due: 1, failing: 1, scheduled: 1 })
  expect(later.oldest).toBeCloseTo(90, -1)
})

test('an Envoy is connected while one of its streams is open; a refused route is counted once, while who refuses it counts', async () => {
  const pool = await database()
  const world = fleet(pool)
  const inLease = { closedAt: fromNow(-1), leaseUntil: fromNow(600) }
  const at = await world.proxy('at')
  await insert(pool, 'proxyStream', { id: v7(), proxyNodeId: at.id, processId: v7(), ...inLease })
  await at.exception('photos', 1, 'nacked')
  await at.exception('videos', 2, 'behind')
  const gone = await world.proxy('gone', { stream: inLease })
  await gone.exception('photos', 1, 'nacked')
  const over = await world.proxy('over', { stream: { closedAt: fromNow(-1), leaseUntil: fromNow(-1) } })
  await over.exception('sounds', 3, 'nacked')
  expect((await readBacklog(pool, 1)).proxies).toEqual({ connected: 1, gone: 2, refusedRoutes: 1 })
})
