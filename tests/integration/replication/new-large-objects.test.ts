// A large object of which the copy has nothing: how few requests it costs at real stores, and that it is right whatever happens
// while its bytes flow.
import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { StorageFor } from '../../../server/replication/stores/stores.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { copiedBucket } from '../../support/copied-bucket.ts'
import { countingProxy } from '../../support/counting-proxy.ts'
import { eventually } from '../../support/eventually.ts'
import { driverOf } from '../../support/minio-driver.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { putInParts } from '../../support/regressed-master.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')
const large = 300_000
/** Looks at whole copies ask for objects, too, and so does work whose lease is over. */
const noLooks = { sweepMinS: 600, lease: 60_000 }

const start = (bucket: string) => copiedBucket(stores, bucket)

/** As an event tells of it, with its size. */
const tell = (fleet: MoverFleet, id: string, key: string, size = large) =>
  fleet.pool
    .query('INSERT INTO dirty_object (bucket_id, storage_id, key, size) VALUES ($1, $2, $3, $4)', [
      id,
      fleet.storeId('edge'),
      key,
      size,
    ])
    .then(() => fleet.pool.wake('object'))

/**
 * The fleet's stores, each over a way that counts. `take`: requests about objects since the last call; `late`: writes so far that may
 * have taken longer than a second, which are looked at afterwards.
 */
async function countedStores(fleet: MoverFleet) {
  const ways = new Map<string, Awaited<ReturnType<typeof countingProxy>>>()
  const drivers = new Map<string, { driver: StorageDriver; name: string }>()
  let late = 0
  for (const name of ['hpc', 'edge']) {
    const way = await countingProxy(stores.process(name).endpoint)
    const driver = driverOf(way.endpoint)
    fleet.onEnd(() => driver.close())
    ways.set(name, way)
    const put: StorageDriver['put'] = async (...asked) => {
      const begun = performance.now()
      const written = await driver.put(...asked)
      if (performance.now() - begun > 500) late++
      return written
    }
    drivers.set(fleet.storeId(name), { driver: { ...driver, put }, name })
  }
  const storageFor: StorageFor = async (id) => drivers.get(id) ?? fleet.storageFor(id)
  const take = (name: string) => (ways.get(name)?.take() ?? []).filter((request) => request.endsWith(' object'))
  return { storageFor, take, late: () => late }
}

/** The master's objects come in two halves, with this between the two, once. */
function betweenHalves(fleet: MoverFleet, work: () => Promise<unknown>) {
  let was = false
  const storageFor = withCalls(fleet, 'hpc', (driver) => ({
    async open(...asked) {
      const opened = await driver.open(...asked)
      if (was) return opened
      const halves = async function* () {
        let came = 0
        for await (const chunk of opened.body as AsyncIterable<Buffer>) {
          if (!was && came + chunk.length >= opened.length / 2) {
            was = true
            await work()
          }
          came += chunk.length
          yield chunk
        }
      }
      return { ...opened, body: Readable.from(halves(), { objectMode: false }) }
    },
  }))
  return { storageFor, was: () => was }
}

const journal = async (fleet: MoverFleet) =>
  (
    await fleet.pool.query<{ is: string }>(`SELECT key || ' ' || state AS is FROM replica_object ORDER BY key`)
  ).rows.map(({ is }) => is)

test('it costs one GET at the master and one PUT at the copy, with all that is beside the bytes', async () => {
  const bucket = 'few-large'
  const { fleet, id } = await start(bucket)
  const metadata = { 'content-type': 'video/mp4', 'content-encoding': 'gzip', 'x-amz-meta-by': 'a  b' }
  for (const key of ['a/ü 1', 'b']) {
    await fleet.put('hpc', bucket, key, randomBytes(large), metadata)
    await tell(fleet, id, key)
  }
  const { storageFor, take, late } = await countedStores(fleet)
  const mover = fleet.startMover({ storageFor, times: noLooks })
  await fleet.settled(id, 'edge')
  await mover.stop()
  for (const [at, once] of [['hpc', 'GET object'] as const, ['edge', 'PUT object'] as const]) {
    const asked = take(at)
    expect(asked[0]).toBe(once)
    expect(asked.filter((request) => request === once)).toHaveLength(2)
    expect(asked.length - 2).toBeLessThanOrEqual(late())
  }
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  // A comparison finds nothing to do, and what changes from then on is FaDO's to change.
  fleet.startMover({ storageFor })
  await fleet.sweep(id, 'edge')
  await fleet.idle()
  expect(take('edge')).not.toContain('PUT object')
  await fleet.put('hpc', bucket, 'b', randomBytes(large))
  await fleet.store('hpc').delete(bucket, 'a/ü 1')
  await fleet.event(id, 'a/ü 1', 'b')
  await fleet.settled(id, 'edge')
  expect(await fleet.causes(id, 'edge')).toEqual([])
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('so it does in a first sync; of what is in parts nothing is asked for in vain', async () => {
  const bucket = 'first-large'
  const fleet = await stores.fleet()
  const id = await fleet.bucket(bucket, 'hpc')
  for (let i = 0; i < 3; i++) await fleet.put('hpc', bucket, `k${i}`, randomBytes(large))
  await putInParts(fleet.store('hpc'), bucket, 'parts', randomBytes(6 * 2 ** 20))
  const first = fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('the master is known', async () => (await fleet.bucketRow(id)).objects === 4)
  // Its mover looks at each object there once, for what no listing shows.
  await eventually('and its objects', async () => (await fleet.pool.query('SELECT 1 FROM dirty_object')).rowCount === 0)
  await first.stop()
  const { storageFor, take, late } = await countedStores(fleet)
  fleet.startMover({ storageFor, times: noLooks })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  const got = take('hpc')
  expect(got.filter((request) => request === 'GET object')).toHaveLength(3)
  // Those are of the one in parts: it is looked at before and after.
  const heads = (asked: readonly string[]) => asked.filter((request) => request === 'HEAD object').length
  for (const asked of [got, take('edge')]) expect(heads(asked)).toBeLessThanOrEqual(2 + late())
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test.each(['overwritten', 'deleted'])(
  'an object that is %s while its bytes flow ends as the master has it',
  async (how) => {
    const bucket = `flow-${how}`
    const { fleet, id } = await start(bucket)
    await fleet.put('hpc', bucket, 'k', randomBytes(large))
    const { storageFor, was } = betweenHalves(fleet, async () => {
      if (how === 'deleted') await fleet.store('hpc').delete(bucket, 'k')
      else await fleet.put('hpc', bucket, 'k', 'newest')
      await fleet.event(id, 'k')
    })
    await tell(fleet, id, 'k')
    fleet.startMover({ storageFor })
    await eventually('it was changed', was)
    await fleet.settled(id, 'edge')
    expect(await fleet.text('edge', bucket, 'k')).toBe(how === 'deleted' ? null : 'newest')
    expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  },
)

test('what takes longer is looked at afterwards, so that a change of which nobody told is seen at once', async () => {
  const bucket = 'slow-large'
  const { fleet, id } = await start(bucket)
  await fleet.put('hpc', bucket, 'k', randomBytes(large))
  const { storageFor } = betweenHalves(fleet, async () => {
    await fleet.put('hpc', bucket, 'k', 'newest')
    await delay(1_100)
  })
  await tell(fleet, id, 'k')
  fleet.startMover({ storageFor, times: noLooks })
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('newest')
})

test('where the lease may have run out meanwhile both stores are asked again, so that what is gone does not stay', async () => {
  const bucket = 'late-large'
  const { fleet, id } = await start(bucket)
  await fleet.put('hpc', bucket, 'k', randomBytes(large))
  const { storageFor } = betweenHalves(fleet, async () => {
    await delay(400)
    await fleet.store('hpc').delete(bucket, 'k') // and the mover that did this has ended since
  })
  await fleet.pool.query(
    'INSERT INTO dirty_object (bucket_id, storage_id, key, size, may_delete) VALUES ($1, $2, $3, $4, true)',
    [id, fleet.storeId('edge'), 'k', large],
  )
  // Nothing prolongs the lease, and nothing notices that it ends.
  fleet.startMover({ storageFor, times: { lease: 20_000, leaseMargin: 19_800, heartbeat: 15_000 } })
  await fleet.settled(id, 'edge')
  expect(await fleet.store('edge').head(bucket, 'k')).toBeNull()
})

test('what others put there is not replaced, and is told; what a listing shows to be there is not read in vain', async () => {
  const bucket = 'others-large'
  const { fleet, id } = await start(bucket)
  const ours = randomBytes(large)
  for (const key of ['listed', 'told']) {
    await fleet.put('hpc', bucket, key, ours)
    await fleet.put('edge', bucket, key, key === 'told' ? randomBytes(large) : ours)
  }
  await tell(fleet, id, 'told')
  const { storageFor, take } = await countedStores(fleet)
  const mover = fleet.startMover({ storageFor })
  expect(await fleet.conflicts(id, 'edge', 1)).toContain('told')
  await mover.stop()
  take('hpc')
  fleet.startMover({ storageFor })
  await fleet.sweep(id, 'edge')
  await fleet.idle()
  expect(take('hpc')).not.toContain('GET object')
  expect(await journal(fleet)).toEqual(['listed foreign', 'told conflict'])
})

test('bytes that are not those that the ETag digests are never there, and the object is read again', async () => {
  const bucket = 'other-bytes'
  const { fleet, id } = await start(bucket)
  const body = randomBytes(large)
  await fleet.put('hpc', bucket, 'k', body)
  let lies = 0
  const storageFor = withCalls(fleet, 'hpc', (driver) => ({
    async open(...asked) {
      const opened = await driver.open(...asked)
      if (++lies > 4) return opened
      opened.body.destroy()
      return { ...opened, body: Readable.from([randomBytes(opened.length)]) }
    },
  }))
  const seen = new Set<string>()
  await tell(fleet, id, 'k')
  fleet.startMover({ storageFor })
  const { etag } = (await fleet.store('hpc').head(bucket, 'k')) ?? {}
  await eventually('it is copied', async () => {
    const head = await fleet.store('edge').head(bucket, 'k')
    if (head !== null) seen.add(head.etag)
    return head?.etag === etag && (await fleet.waiting(id)) === 0
  })
  expect(lies).toBeGreaterThan(4)
  expect([...seen]).toEqual([etag])
})

/** ETags that look like digests and are none, as of a store that encrypts what it is given. */
const otherEtag = (etag: string) => `${(Number.parseInt(etag.slice(0, 1), 16) ^ 15).toString(16)}${etag.slice(1)}`

test.each([
  ['a small', 1_000],
  ['a large', large],
])(
  'where the answer for %s object does not show its bytes, the copy is looked at and stays FaDO’s',
  async (_, size) => {
    const bucket = `other-etags-${size}`
    const { fleet, id } = await start(bucket)
    const shown = <T extends { readonly etag: string }>(of: T | null) => of && { ...of, etag: otherEtag(of.etag) }
    const storageFor = withCalls(fleet, 'edge', (driver) => ({
      async put(at, key, body) {
        const { condition } = body
        const asked = condition && 'ifMatch' in condition ? { ifMatch: otherEtag(condition.ifMatch) } : condition
        const written = await driver.put(at, key, { ...body, ...(asked ? { condition: asked } : {}) })
        return { ...written, etag: otherEtag(written.etag) }
      },
      head: async (...asked) => shown(await driver.head(...asked)),
      async open(at, key, options = {}) {
        const { ifMatch } = options
        const opened = await driver.open(at, key, { ...options, ...(ifMatch ? { ifMatch: otherEtag(ifMatch) } : {}) })
        return { ...opened, head: { ...opened.head, etag: otherEtag(opened.head.etag) } }
      },
    }))
    await fleet.put('hpc', bucket, 'k', randomBytes(size))
    await tell(fleet, id, 'k', size)
    fleet.startMover({ storageFor, times: noLooks })
    await fleet.settled(id, 'edge')
    await fleet.put('hpc', bucket, 'k', 'newest')
    await fleet.event(id, 'k')
    await fleet.settled(id, 'edge')
    expect(await fleet.causes(id, 'edge')).toEqual([])
    expect(await fleet.text('edge', bucket, 'k')).toBe('newest')
  },
)
