// A bucket that is there already, with a second copy that another client made: what equals is taken over without its bytes
// crossing again, what is missing is copied, and nothing else there is touched.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StorageFor } from '../../../server/replication/stores/stores.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { eventually } from '../../support/eventually.ts'
import { type LivingFleet, livingFleet } from '../../support/living-fleet.ts'
import { startMinio } from '../../support/minio.ts'
import type { StoreProcess } from '../../support/store-process.ts'

const running: Record<string, StoreProcess> = {}
beforeAll(async () => {
  const env = { MINIO_NOTIFY_WEBHOOK_ENABLE_FADO: 'on', MINIO_NOTIFY_WEBHOOK_ENDPOINT_FADO: 'http://127.0.0.1:1/' }
  const [hpc, edge] = await Promise.all([startMinio({ env }), startMinio({ env })])
  Object.assign(running, { hpc, edge })
})
afterAll(() => Promise.all(Object.values(running).map((store) => store.stop())))

const mib = 1024 * 1024
const bytesOf = (seed: string, size: number): Buffer => {
  const block = createHash('sha512').update(seed).digest()
  return Buffer.alloc(size, block)
}

async function putParts(driver: StorageDriver, bucket: string, key: string, body: Buffer, partSize: number) {
  const uploadId = await driver.createUpload(bucket, key, { metadata: { 'content-type': 'video/mp4' } })
  const parts: { partNumber: number; etag: string }[] = []
  for (let at = 0; at < body.length; at += partSize) {
    const part = body.subarray(at, at + partSize)
    const partNumber = parts.length + 1
    const { etag } = await driver.uploadPart(bucket, key, { uploadId, partNumber, body: part, size: part.length })
    parts.push({ partNumber, etag })
  }
  await driver.completeUpload(bucket, key, { uploadId, parts })
}

const hostile = [
  '00123',
  'a b+%&<>\'"',
  'e\u0301/\u{1f600}',
  '.hidden',
  'folder/',
  Array.from({ length: 4 }, () => 'x'.repeat(250)).join('/'),
  'f/g/h',
  '=?utf-8?q?',
]

type Made = { readonly key: string; readonly body: Buffer; readonly parts: { hpc: number; edge: number } | null }

/** Empty, small and large ones, some uploaded in parts that the other client chose otherwise. */
function objects(count: number): Made[] {
  const plain = Array.from({ length: count - hostile.length - 3 }, (_, i) => ({
    key: `plain/${String(i).padStart(4, '0')}`,
    body: i % 20 === 0 ? Buffer.alloc(0) : bytesOf(`plain ${i}`, 2_000 + 130 * i),
    parts: null,
  }))
  const odd = hostile.map((key) => ({
    key,
    body: key.endsWith('/') ? Buffer.alloc(0) : bytesOf(key, 3_000),
    parts: null,
  }))
  return [
    ...plain,
    ...odd,
    { key: 'large/same-parts', body: bytesOf('same', 11 * mib), parts: { hpc: 5 * mib, edge: 5 * mib } },
    { key: 'large/other-parts', body: bytesOf('other', 12 * mib), parts: { hpc: 5 * mib, edge: 6 * mib } },
    { key: 'large/one-part-there', body: bytesOf('one', 6 * mib), parts: { hpc: 5 * mib, edge: 6 * mib + 1 } },
  ]
}

const metadata = (i: number) => ({
  'content-type': i % 2 === 0 ? 'text/plain' : 'image/png',
  'x-amz-meta-owner': `user ${i % 7}`,
})

/** On both stores, as a copying client leaves them. */
async function fill(fleet: LivingFleet, bucket: string, made: readonly Made[], also: (key: string) => boolean) {
  await Promise.all(['hpc', 'edge'].map((at) => fleet.store(at).createBucket(bucket)))
  const queue = made.entries()
  const worker = async () => {
    for (const [i, { key, body, parts }] of queue)
      for (const at of ['hpc', 'edge'] as const) {
        if (at === 'edge' && !also(key)) continue
        const driver = fleet.store(at)
        const size = parts?.[at] ?? Number.POSITIVE_INFINITY
        if (body.length > size) await putParts(driver, bucket, key, body, size)
        else {
          const type = parts === null ? metadata(i) : { 'content-type': 'video/mp4' }
          const tags = parts === null && i % 10 === 0 ? [{ key: 'project', value: `p ${i}` }] : []
          await driver.put(bucket, key, { body, size: body.length, metadata: type, tags })
        }
      }
  }
  await Promise.all([worker(), worker(), worker(), worker()])
}

/** The movers' drivers, with the bytes of objects that they read and write counted by store. */
function counting(fleet: LivingFleet) {
  const bytes: Record<string, { read: number; written: number }> = {
    hpc: { read: 0, written: 0 },
    edge: { read: 0, written: 0 },
  }
  const wrapped = new Map<string, Awaited<ReturnType<StorageFor>>>()
  const storageFor: StorageFor = async (id) => {
    const known = wrapped.get(id)
    if (known !== undefined) return known
    const { driver, name } = await fleet.storageFor(id)
    const of = bytes[name] ?? { read: 0, written: 0 }
    const counted = {
      name,
      driver: {
        ...driver,
        open: async (...args: Parameters<StorageDriver['open']>) => {
          const opened = await driver.open(...args)
          of.read += opened.length
          return opened
        },
        put: (...args: Parameters<StorageDriver['put']>) => {
          of.written += args[2].size
          return driver.put(...args)
        },
        uploadPart: (...args: Parameters<StorageDriver['uploadPart']>) => {
          of.written += args[2].size
          return driver.uploadPart(...args)
        },
      },
    }
    wrapped.set(id, counted)
    return counted
  }
  return { bytes, storageFor }
}

const states = async (fleet: LivingFleet, id: string, at: string) => {
  const { rows } = await fleet.pool.query<{ state: string; count: number }>(
    `SELECT j.state, count(*) FROM replica_object j JOIN replica r ON r.id = j.replica_id
     WHERE r.bucket_id = $1 AND r.storage_id = $2 GROUP BY 1`,
    [id, fleet.storeId(at)],
  )
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]))
}

test('300 objects whose copy another client made are taken over: at most 1 % of their bytes cross again', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'many'
  const made = objects(300)
  await fill(fleet, bucket, made, () => true)
  const before = await fleet.store('edge').head(bucket, 'large/other-parts')
  const { bytes, storageFor } = counting(fleet)
  fleet.startMover({ storageFor })
  const adopted = await fleet.adopt({ name: bucket, storageDeployment: 'hpc', alsoOn: ['edge'] })
  expect(adopted).toMatchObject({ bucket: { name: bucket } })
  const id = await fleet.bucketId(bucket)
  await fleet.settled(id, 'edge')
  await fleet.idle()
  expect(await states(fleet, id, 'edge')).toEqual({ there: 300 })
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ conflicts: 0, wanted: true })
  const total = made.reduce((sum, { body }) => sum + body.length, 0)
  expect(bytes['edge']?.written).toBe(0)
  expect(bytes['hpc']?.read).toBeLessThan(total / 100)
  // The two whose parts tell nothing were read once, where the copy is.
  expect(bytes['edge']?.read).toBe(18 * mib)
  expect(await fleet.store('edge').head(bucket, 'large/other-parts')).toEqual({
    ...before,
    serverDate: expect.anything(),
  })
  await eventually('the records are there', async () => (await fleet.bucketRow(id)).objects === 300)
})

test('what is missing is copied, what differs is a conflict, what is there more stays; headers and tags are set in place', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'mixed'
  for (const at of ['hpc', 'edge']) await fleet.store(at).createBucket(bucket)
  for (const key of ['equal', 'missing', 'differs', 'headers', 'tags', 'empty'])
    await fleet.put('hpc', bucket, key, key === 'empty' ? '' : `the ${key}`, { 'content-type': 'text/plain' })
  await fleet.store('hpc').putTags(bucket, 'tags', [{ key: 'a', value: 'b' }])
  for (const key of ['equal', 'headers', 'tags', 'empty'])
    await fleet.put('edge', bucket, key, key === 'empty' ? '' : `the ${key}`, {
      'content-type': key === 'headers' ? 'application/x-other' : 'text/plain',
      ...(key === 'headers' ? { 'x-amz-meta-mtime': '1' } : {}),
    })
  await fleet.put('edge', bucket, 'differs', 'another')
  await fleet.put('edge', bucket, 'more', 'theirs')
  const { bytes, storageFor } = counting(fleet)
  fleet.startMover({ storageFor })
  await fleet.adopt({ name: bucket, storageDeployment: 'hpc', alsoOn: ['edge'] })
  const id = await fleet.bucketId(bucket)
  await fleet.settled(id, 'edge')
  await fleet.idle()
  expect(await states(fleet, id, 'edge')).toEqual({ there: 5, conflict: 1 })
  expect(bytes['edge']?.written).toBe('the missing'.length)
  const heads = await Promise.all(['hpc', 'edge'].map((at) => fleet.store(at).head(bucket, 'headers')))
  expect(heads[1]?.metadata).toEqual(heads[0]?.metadata)
  expect(await fleet.store('edge').getTags(bucket, 'tags')).toEqual([{ key: 'a', value: 'b' }])
  expect(await fleet.text('edge', bucket, 'differs')).toBe('another')
  expect(await fleet.text('edge', bucket, 'more')).toBe('theirs')
  expect((await fleet.causes(id, 'edge'))[0]?.message).toBe(
    '1 object in the way on edge was not written by FaDO: differs',
  )
  // From now on it is a replica like any other: what others put in the way is not taken.
  await fleet.put('edge', bucket, 'later', 'equal')
  await fleet.put('hpc', bucket, 'later', 'equal', {})
  const order = { bucket, storageDeployment: 'edge', onConflict: 'OVERWRITE' }
  await fleet.web.mutate('replicaResync', order, 'replica { id }')
  await eventually(
    'the order was followed',
    async () => (await fleet.text('edge', bucket, 'differs')) === 'the differs',
  )
  await eventually('it is known', async () => (await states(fleet, id, 'edge'))['foreign'] === 1)
  expect(await fleet.text('edge', bucket, 'more')).toBe('theirs')
  // What was taken over goes with the copy, what is of others does not.
  await fleet.web.mutate('policySet', { scope: { bucket }, name: 'drain_delay', value: 0 }, 'policy { value }')
  await fleet.web.mutate('policySet', { scope: { bucket }, name: 'target_replica_count', value: 0 }, 'policy { value }')
  await eventually('the copy is gone', async () => !(await fleet.hasReplica(id, 'edge')))
  expect(await fleet.keys('edge', bucket)).toEqual(['later', 'more'])
})

test('while a copy is taken over it is told how much of it is compared, with its link', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'watched'
  for (const at of ['hpc', 'edge']) {
    await fleet.store(at).createBucket(bucket)
    for (const key of ['a', 'b', 'c', 'held']) await fleet.put(at, bucket, key, `the ${key}`)
  }
  const held = Promise.withResolvers<void>()
  const drivers = new Map<string, Awaited<ReturnType<StorageFor>>>()
  fleet.startMover({
    storageFor: async (id) => {
      const { driver, name } = await fleet.storageFor(id)
      const head: StorageDriver['head'] = async (...args) => {
        if (args[1] === 'held') await held.promise
        return driver.head(...args)
      }
      const slow = drivers.get(id) ?? { name, driver: { ...driver, head } }
      drivers.set(id, slow)
      return slow
    },
  })
  await fleet.adopt({ name: bucket, storageDeployment: 'hpc', alsoOn: ['edge'] })
  const told = async () => {
    const { data } = await fleet.web.ask(`{ bucket(name: "${bucket}") { replicas { state
      progress { phase objectsDone objectsTotal } } } links { comparing { objectsDone objectsTotal } } }`)
    return { ...data.bucket.replicas[0], links: data.links }
  }
  const objects = { objectsDone: 3, objectsTotal: 4 }
  await eventually('all but one are compared', async () => (await told()).progress?.objectsDone === 3)
  expect(await told()).toEqual({
    state: 'SYNCING',
    progress: { phase: 'comparing', ...objects },
    links: [{ comparing: objects }],
  })
  held.resolve()
  await fleet.settled(await fleet.bucketId(bucket), 'edge')
  expect(await told()).toMatchObject({ state: 'IN_SYNC', links: [{ comparing: null }] })
})

test('a takeover goes on where a killed mover stopped', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'killed'
  const made = objects(120)
  const left = new Set(['plain/0003', 'plain/0050'])
  await fill(fleet, bucket, made, (key) => !left.has(key))
  await fleet.put('edge', bucket, 'more', 'theirs')
  await fleet.adopt({ name: bucket, storageDeployment: 'hpc', alsoOn: ['edge'] })
  const id = await fleet.bucketId(bucket)
  for (const share of [1, 40, 90]) {
    const mover = await fleet.spawnMover()
    await eventually(`${share} are taken over`, async () => ((await states(fleet, id, 'edge'))['there'] ?? 0) >= share)
    await mover.kill9()
  }
  const { bytes, storageFor } = counting(fleet)
  fleet.startMover({ storageFor })
  await fleet.settled(id, 'edge')
  await fleet.idle()
  expect(await states(fleet, id, 'edge')).toEqual({ there: 120 })
  expect(bytes['edge']?.written).toBeLessThan(40_000)
  expect(await fleet.text('edge', bucket, 'more')).toBe('theirs')
})

test('a bucket that somebody put in the place of the copy before it was taken over is left as it is', async () => {
  const fleet = await livingFleet(running)
  const bucket = 'replaced'
  for (const at of ['hpc', 'edge']) await fleet.store(at).createBucket(bucket)
  await fleet.put('hpc', bucket, 'k', 'v')
  await fleet.adopt({ name: bucket, storageDeployment: 'hpc', alsoOn: ['edge'] })
  await fleet.store('edge').deleteBucket(bucket)
  await fleet.store('edge').createBucket(bucket)
  fleet.startMover()
  const id = await fleet.bucketId(bucket)
  await eventually('it is refused', async () => {
    const { rows } = await fleet.pool.query<{ reasons: { code: string }[] }>(
      'SELECT placement_reasons AS reasons FROM bucket WHERE id = $1',
      [id],
    )
    return rows[0]?.reasons.some(({ code }) => code === 'FOREIGN_BUCKET')
  })
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual([])
})
