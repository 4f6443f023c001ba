// Records of a master's objects that movers and services write at the same time, and the bucket's counts that go with them.
import { expect, test } from 'vitest'
import { lockBucket } from '../../../../server/db/catalogue/buckets.ts'
import { recordObjects } from '../../../../server/db/queue/record-objects.ts'
import { freshPool } from '../../../support/fresh-pool.ts'
import { untilSomebodyWaits } from '../../../support/until-somebody-waits.ts'
import { fleet } from '../../../support/world/fleet.ts'

async function start() {
  const pool = await freshPool()
  const bucket = await (await fleet(pool).cluster('hpc')).store.bucket('photos')
  await pool.query('UPDATE bucket SET objects = 0, bytes = 0')
  const seen = (key: string, size: number) => [
    { bucketId: bucket.id, key, seen: { size, etag: `of ${size}`, lastModified: 1, contentType: null } },
  ]
  const counts = async () => (await pool.query('SELECT objects, bytes FROM bucket')).rows
  return { pool, seen, counts }
}

test('an object that two write for the first time is counted once, with the size of the later', async () => {
  const { pool, seen, counts } = await start()
  let later: Promise<void> | undefined
  await pool.transaction(async (tx) => {
    await recordObjects(tx, seen('new', 4))
    later = recordObjects(pool.lazily, [...seen('new', 6), ...seen('other', 100)])
    await untilSomebodyWaits(pool)
  })
  await later
  expect(await counts()).toEqual([{ objects: 2, bytes: 106 }])
  expect((await pool.query('SELECT key, etag FROM object_record ORDER BY key')).rows).toEqual([
    { key: 'new', etag: 'of 6' },
    { key: 'other', etag: 'of 100' },
  ])
})

test('who waits for a bucket holds none of its objects: a service that has the bucket gets them', async () => {
  const { pool, seen, counts } = await start()
  await recordObjects(pool, seen('k', 1))
  let mover: Promise<void> | undefined
  await pool.transaction(async (tx) => {
    await lockBucket(tx, 'photos')
    mover = recordObjects(pool.lazily, seen('k', 7))
    await untilSomebodyWaits(pool)
    await tx.query('SELECT 1 FROM object_record FOR UPDATE NOWAIT')
    await recordObjects(tx, seen('k', 5))
  })
  await mover
  expect(await counts()).toEqual([{ objects: 1, bytes: 7 }])
})
