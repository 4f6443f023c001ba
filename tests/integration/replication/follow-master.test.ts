import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

test('a first sync brings over odd keys, empty objects, parts, metadata and tags', async () => {
  const fleet = await stores.fleet()
  const bucket = 'first-sync'
  const id = await fleet.bucket(bucket, 'hpc')
  const keys = ['00123', 'a b+c%2F?&=', 'dir/', 'dir/x', 'ü/ä 😀', '\u{FFFE}last', 'z'.repeat(200), 'tab\there']
  for (const key of keys) await fleet.put('hpc', bucket, key, `content of ${key}`)
  await fleet.put('hpc', bucket, 'empty', '')
  const metadata = { 'content-type': 'text/x-odd; charset=utf-8', 'cache-control': 'no-store', 'x-amz-meta-who': 'me' }
  const tagged = Buffer.from('tagged')
  const tags = [{ key: 'a', value: 'b c' }]
  await fleet.store('hpc').put(bucket, 'meta', { body: tagged, size: tagged.length, metadata, tags })
  const uploadId = await fleet.store('hpc').createUpload(bucket, 'parts')
  const sizes = [5 * 2 ** 20, 6 * 2 ** 20, 1000]
  const parts = []
  for (const [i, size] of sizes.entries()) {
    const body = randomBytes(size)
    const partNumber = i + 1
    const { etag } = await fleet.store('hpc').uploadPart(bucket, 'parts', { uploadId, partNumber, body, size })
    parts.push({ partNumber, etag })
  }
  await fleet.store('hpc').completeUpload(bucket, 'parts', { uploadId, parts })

  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of await fleet.keys('hpc', bucket)) {
    const [source, copy] = await Promise.all([
      fleet.store('hpc').head(bucket, key),
      fleet.store('edge').head(bucket, key),
    ])
    expect(copy, key).toMatchObject({ etag: source?.etag, size: source?.size, metadata: source?.metadata })
  }
  expect(await fleet.keys('edge', bucket)).toEqual(await fleet.keys('hpc', bucket))
  expect(await fleet.store('edge').getTags(bucket, 'meta')).toEqual(tags)
  await eventually('progress is told to its end', async () => {
    const { phase, objectsDone, objectsTotal, bytesTotal } = await fleet.taskRow(id, 'edge')
    return (
      phase === 'done' && objectsDone === keys.length + 3 && objectsTotal === objectsDone && bytesTotal > 11 * 2 ** 20
    )
  })
  expect((await fleet.taskRow(id, 'edge')).kind).toBe('sweep')
})

test('events of overwriting, deleting and changing metadata only are followed, and the records of the master too', async () => {
  const fleet = await stores.fleet()
  const bucket = 'events'
  const id = await fleet.bucket(bucket, 'hpc')
  fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.put('hpc', bucket, 'k', 'one')
  await fleet.event(id, 'k')
  await eventually('it is there', async () => (await fleet.text('edge', bucket, 'k')) === 'one')
  await fleet.put('hpc', bucket, 'k', 'second')
  await fleet.put('hpc', bucket, 'other', '12345')
  await fleet.event(id, 'k', 'other')
  await eventually('it is overwritten', async () => (await fleet.text('edge', bucket, 'k')) === 'second')
  await fleet.put('hpc', bucket, 'k', 'second', { 'content-type': 'text/new' })
  await fleet.event(id, 'k')
  await eventually(
    'its metadata is changed',
    async () => (await fleet.store('edge').head(bucket, 'k'))?.metadata['content-type'] === 'text/new',
  )
  await fleet.settled(id, 'edge')
  await eventually('the bucket is counted', async () => (await fleet.bucketRow(id)).bytes === 11)
  await fleet.store('hpc').delete(bucket, 'k')
  await fleet.event(id, 'k')
  await eventually('it is deleted', async () => (await fleet.text('edge', bucket, 'k')) === null)
  await fleet.settled(id, 'edge')
  expect(await fleet.bucketRow(id)).toMatchObject({ objects: 1, bytes: 5 })
})

test('an eviction removes copy and bucket, and takes nothing of the master', async () => {
  const fleet = await stores.fleet()
  const bucket = 'evicted'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b/c', 'b']) await fleet.put('hpc', bucket, key, key)
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.withdraw(id, 'edge')
  await eventually('it is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
  expect(await fleet.store('hpc').head(bucket, 'b/c')).not.toBeNull()
  expect((await fleet.pool.query('SELECT 1 FROM replica_object')).rowCount).toBe(0)
})

test('what changes now waits for nothing that waits longer, though that has all that is claimed and never ends', async () => {
  const fleet = await stores.fleet()
  const bucket = 'held-up'
  const id = await fleet.bucket(bucket, 'hpc')
  const first = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  const keys = Array.from({ length: 40 }, (_, i) => `k${i}`)
  await Promise.all(keys.map((key) => fleet.put('hpc', bucket, key, key)))
  await fleet.event(id, ...keys)
  await fleet.pool.query(
    `UPDATE dirty_object SET since = now() - interval '1 min', not_before = now() - interval '1 min'`,
  )
  const over = Promise.withResolvers<void>()
  let held = 0
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async put(...args) {
      if (args[1] !== 'now') {
        held++
        await over.promise
      }
      return driver.put(...args)
    },
  }))
  const limits = { atOnce: { least: 4, first: 4, most: 4 }, ahead: 4, keptForEvents: 1, keptForBulk: 1 }
  fleet.startMover({ storageFor, limits })
  await eventually('as many are under way as may be', () => held >= 3)
  await fleet.put('hpc', bucket, 'now', 'now')
  await fleet.event(id, 'now')
  await eventually('it has what happened now', async () => (await fleet.store('edge').head(bucket, 'now')) !== null)
  over.resolve()
  await fleet.settled(id, 'edge', 40)
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('a copy that was away has what happens now long before it has caught up', async () => {
  const fleet = await stores.fleet()
  const bucket = 'away-for-long'
  const id = await fleet.bucket(bucket, 'hpc')
  const first = fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await first.stop()
  const keys = Array.from({ length: 200 }, (_, i) => `k${i}`)
  for (let i = 0; i < keys.length; i += 50)
    await Promise.all(keys.slice(i, i + 50).map((key) => fleet.put('hpc', bucket, key, key)))
  await fleet.event(id, ...keys)
  let puts = 0
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async put(...args) {
      puts++
      await delay(10)
      return driver.put(...args)
    },
  }))
  const limits = { atOnce: { least: 4, first: 4, most: 4 }, ahead: 4, keptForEvents: 1, keptForBulk: 1 }
  fleet.startMover({ storageFor, limits })
  await eventually('it catches up', () => puts > 20)
  await fleet.put('hpc', bucket, 'now', 'now')
  await fleet.event(id, 'now')
  await eventually('it has what happened now', async () => (await fleet.store('edge').head(bucket, 'now')) !== null)
  expect(await fleet.waiting(id)).toBeGreaterThan(50)
  await fleet.settled(id, 'edge', 40)
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})
