import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'

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
