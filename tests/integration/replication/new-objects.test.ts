// A small object of which the copy has nothing: how few requests it costs, and that it is right whatever happens meanwhile.
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { StorageFor } from '../../../server/replication/stores/stores.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { copiedBucket } from '../../support/copied-bucket.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge')

type Calls = Partial<Record<keyof StorageDriver, number>>

/** What movers ask of each store about objects; `beforePut`: on edge. */
function watched(fleet: MoverFleet, beforePut: () => Promise<unknown> = async () => undefined) {
  const calls: Record<string, Calls> = { hpc: {}, edge: {} }
  const storageFor: StorageFor = async (id) => {
    const { driver, name } = await fleet.storageFor(id)
    const counted = <T extends (...args: never[]) => unknown>(method: keyof StorageDriver, call: T) =>
      ((...args: Parameters<T>) => {
        const of = calls[name] ?? {}
        of[method] = (of[method] ?? 0) + 1
        return call(...args)
      }) as T
    const put: StorageDriver['put'] = async (...args) => {
      if (name === 'edge') await beforePut()
      return driver.put(...args)
    }
    const { head, open, read, getTags } = driver
    const opened = { open: counted('open', open), read: counted('read', read) }
    const asked = { ...opened, head: counted('head', head), getTags: counted('getTags', getTags) }
    return { name, driver: { ...driver, ...asked, put: counted('put', put) } }
  }
  return { calls, storageFor }
}

const start = (bucket: string) => copiedBucket(stores, bucket)

/** As an event tells of it, with its size, to the copy alone; `bulk`: as a first sync marks it. */
const tell = (fleet: MoverFleet, id: string, key: string, size: number, bulk = false) =>
  fleet.pool
    .query('INSERT INTO dirty_object (bucket_id, storage_id, key, size, initial) VALUES ($1, $2, $3, $4, $5)', [
      id,
      fleet.storeId('edge'),
      key,
      size,
      bulk,
    ])
    .then(() => fleet.pool.wake('object'))

const journal = async (fleet: MoverFleet) =>
  (await fleet.pool.query<{ is: string }>(`SELECT key || ' ' || state AS is FROM replica_object`)).rows.map(
    ({ is }) => is,
  )

test('it costs one GET at the master and one PUT at the copy, with all that is beside the bytes', async () => {
  const { fleet, id } = await start('few-requests')
  const { calls, storageFor } = watched(fleet)
  const metadata = { 'content-type': 'text/csv', 'cache-control': 'no-store', 'x-amz-meta-by': 'a  b' }
  for (const [key, body] of Object.entries({ 'a/ü 1': 'one', empty: '' })) {
    await fleet.put('hpc', 'few-requests', key, body, metadata)
    await tell(fleet, id, key, body.length)
  }
  const mover = fleet.startMover({ storageFor })
  await fleet.settled(id, 'edge')
  await mover.stop()
  expect(calls).toEqual({ hpc: { read: 2 }, edge: { put: 2 } })
  expect(await fleet.differences(id, 'few-requests', 'hpc', 'edge')).toEqual([])
  // A comparison finds nothing to do.
  const again = watched(fleet)
  fleet.startMover({ storageFor: again.storageFor })
  await fleet.sweep(id, 'edge')
  await fleet.idle()
  expect(again.calls['edge']?.put).toBeUndefined()
  expect(await fleet.causes(id, 'edge')).toEqual([])
})

test('what needs more than that gets it: tags, parts, a size that is not as told', async () => {
  const { fleet, id } = await start('needs-more')
  await fleet.put('hpc', 'needs-more', 'tagged', 'tagged')
  await fleet.store('hpc').putTags('needs-more', 'tagged', [{ key: 'a', value: 'b' }])
  await fleet.put('hpc', 'needs-more', 'large', Buffer.alloc(3_000_000, 1))
  for (const key of ['tagged', 'large']) await tell(fleet, id, key, 6)
  fleet.startMover()
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, 'needs-more', 'hpc', 'edge')).toEqual([])
  expect(await fleet.store('edge').getTags('needs-more', 'tagged')).toEqual([{ key: 'a', value: 'b' }])
})

test('what others put there is not replaced, and is told; what equals the master serves', async () => {
  const { fleet, id } = await start('others-there')
  for (const [key, there] of Object.entries({ differs: 'theirs', equals: 'ours' })) {
    await fleet.put('hpc', 'others-there', key, 'ours')
    await fleet.put('edge', 'others-there', key, there)
    await tell(fleet, id, key, 4)
  }
  fleet.startMover()
  expect(await fleet.conflicts(id, 'edge', 1)).toContain('differs')
  await fleet.idle()
  expect(await fleet.text('edge', 'others-there', 'differs')).toBe('theirs')
  const { rows } = await fleet.pool.query<object>('SELECT key, state FROM replica_object ORDER BY key')
  expect(rows).toEqual([
    { key: 'differs', state: 'conflict' },
    { key: 'equals', state: 'foreign' },
  ])
})

test('on a store that heeds no conditions it is looked at first, and what others put there stays', async () => {
  const bucket = 'heeds-nothing'
  const { fleet, id } = await start(bucket)
  await fleet.pool.query(`UPDATE storage_deployment SET capabilities = '{}' WHERE name = 'edge'`)
  for (const [key, size] of Object.entries({ small: 6, large: 300_000 })) {
    await fleet.put('hpc', bucket, key, Buffer.alloc(size, 'o'))
    await fleet.put('edge', bucket, key, 'theirs')
    await tell(fleet, id, key, size)
  }
  const storageFor: StorageFor = async (store) => {
    const { driver, name } = await fleet.storageFor(store)
    const put: StorageDriver['put'] = (of, key, { condition: _, ...options }) => driver.put(of, key, options)
    return { name, driver: { ...driver, put } }
  }
  fleet.startMover({ storageFor })
  await fleet.conflicts(id, 'edge', 2)
  await fleet.idle()
  for (const key of ['small', 'large']) expect(await fleet.text('edge', bucket, key)).toBe('theirs')
})

test.each(['overwritten', 'deleted'])('an object that is %s between the two ends as the master has it', async (how) => {
  const bucket = `between-${how}`
  const { fleet, id } = await start(bucket)
  await fleet.put('hpc', bucket, 'k', 'old')
  let changes = 0
  const { storageFor } = watched(fleet, async () => {
    if (changes++ > 0) return
    if (how === 'deleted') await fleet.store('hpc').delete(bucket, 'k')
    else await fleet.put('hpc', bucket, 'k', 'new')
    await fleet.event(id, 'k')
  })
  await tell(fleet, id, 'k', 3)
  fleet.startMover({ storageFor })
  await eventually('it was changed', async () => changes > 0)
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe(how === 'deleted' ? null : 'new')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('what a store wrote whose Date is late (versitygw looks at the clock once a second) is overwritten and deleted as ours', async () => {
  const bucket = 'late-date'
  const { fleet, id } = await start(bucket)
  const storageFor: StorageFor = async (store) => {
    const { driver, name } = await fleet.storageFor(store)
    const put: StorageDriver['put'] = async (...args) => {
      const written = await driver.put(...args)
      const lastModified = (await driver.head(args[0], args[1]))?.lastModified ?? 0
      return { ...written, serverDate: lastModified - 2_000 }
    }
    return { name, driver: { ...driver, put } }
  }
  for (const key of ['changes', 'goes', 'stays']) {
    await fleet.put('hpc', bucket, key, 'one')
    await tell(fleet, id, key, 3)
  }
  fleet.startMover({ storageFor })
  await fleet.settled(id, 'edge')
  await fleet.sweep(id, 'edge')
  await fleet.put('hpc', bucket, 'changes', 'two')
  await fleet.store('hpc').delete(bucket, 'goes')
  for (const key of ['changes', 'goes']) await fleet.event(id, key)
  await fleet.settled(id, 'edge')
  expect(await fleet.causes(id, 'edge')).toEqual([])
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('where the lease may have run out meanwhile both stores are asked again, so that what is gone does not stay', async () => {
  const bucket = 'late-answer'
  const { fleet, id } = await start(bucket)
  await fleet.put('hpc', bucket, 'k', 'k')
  const { calls, storageFor } = watched(fleet, async () => {
    await delay(400)
    await fleet.store('hpc').delete(bucket, 'k') // and the mover that did this has ended since
  })
  await fleet.pool.query(
    'INSERT INTO dirty_object (bucket_id, storage_id, key, size, may_delete) VALUES ($1, $2, $3, 1, true)',
    [id, fleet.storeId('edge'), 'k'],
  )
  // Nothing prolongs the lease, and nothing notices that it ends.
  fleet.startMover({ storageFor, times: { lease: 20_000, leaseMargin: 19_800, heartbeat: 15_000 } })
  await fleet.settled(id, 'edge')
  expect(calls['edge']?.head).toBeGreaterThan(0)
  expect(await fleet.text('edge', bucket, 'k')).toBeNull()
})

test('a first sync of many costs each of them as little, and what is not so simple is looked at by itself', async () => {
  const fleet = await stores.fleet()
  const bucket = 'first-of-many'
  const id = await fleet.bucket(bucket, 'hpc')
  const plain = Array.from({ length: 150 }, (_, i) => `plain/${i}`)
  await Promise.all(plain.map((key) => fleet.put('hpc', bucket, key, key)))
  await fleet.put('hpc', bucket, 'tagged', 'tagged')
  await fleet.store('hpc').putTags(bucket, 'tagged', [{ key: 'a', value: 'b' }])
  await fleet.put('hpc', bucket, 'in-the-way', 'ours')
  await fleet.put('hpc', bucket, 'large', Buffer.alloc(300_000, 1))
  let came = false
  const { calls, storageFor } = watched(fleet, async () => {
    if (came) return
    came = true
    await fleet.put('edge', bucket, 'in-the-way', 'theirs')
  })
  fleet.startMover({ storageFor })
  await fleet.replica(id, 'edge')
  expect(await fleet.conflicts(id, 'edge', 1)).toContain('in-the-way')
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'in-the-way')).toBe('theirs')
  expect(await fleet.store('edge').getTags(bucket, 'tagged')).toEqual([{ key: 'a', value: 'b' }])
  await fleet.store('hpc').delete(bucket, 'in-the-way')
  await fleet.event(id, 'in-the-way')
  await fleet.settled(id, 'edge')
  await fleet.store('edge').delete(bucket, 'in-the-way')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  // Each plain object once; the rest is of the other three.
  expect(calls['edge']?.put).toBeLessThan(plain.length + 10)
  expect(calls['hpc']?.read).toBeLessThan(plain.length + 10)
  expect((calls['hpc']?.head ?? 0) + (calls['edge']?.head ?? 0)).toBeLessThan(60)
})

test.each([
  ['alone', false],
  ['with others', true],
])('a mover that was stopped while it wrote says no more of a key that another has by then (%s)', async (how, bulk) => {
  const bucket = `stopped-${bulk ? 'many' : 'one'}`
  const { fleet, id } = await start(bucket)
  await fleet.put('hpc', bucket, 'k', how)
  const goOn = Promise.withResolvers<void>()
  let stopped = 0
  const { storageFor } = watched(fleet, () => {
    stopped++
    return goOn.promise
  })
  await tell(fleet, id, 'k', how.length, bulk)
  // What it begins to write it goes on with, though its lease ends: as one whose process was stopped.
  const first = fleet.startMover({ storageFor, times: { lease: 20_000, leaseMargin: 19_800, heartbeat: 60_000 } })
  await eventually('it is about to write', () => stopped === 1)
  await delay(300) // by its own clock its lease is over, too
  const ended = first.stop() // or it could claim the key again itself
  await fleet.pool.query(`UPDATE dirty_object SET lease_until = now() - interval '1 ms', not_before = now()`)
  fleet.startMover()
  await eventually('another has written it', async () => (await journal(fleet)).join() === 'k there')
  goOn.resolve()
  await ended
  await fleet.settled(id, 'edge')
  expect(await journal(fleet)).toEqual(['k there'])
  expect(await fleet.causes(id, 'edge')).toEqual([])
})

test('bytes that are not what their ETag digests are never sent: the object goes the whole way', async () => {
  const { fleet, id } = await start('other-bytes')
  let puts = 0
  const storageFor: StorageFor = async (storeId) => {
    const { driver, name } = await fleet.storageFor(storeId)
    const read: StorageDriver['read'] = async (...args) => ({
      ...(await driver.read(...args)),
      bytes: Buffer.from('b'),
    })
    const put: StorageDriver['put'] = (...args) => {
      puts++
      return driver.put(...args)
    }
    return { name, driver: name === 'hpc' ? { ...driver, read } : { ...driver, put } }
  }
  await fleet.put('hpc', 'other-bytes', 'k', 'a')
  fleet.startMover({ storageFor })
  await tell(fleet, id, 'k', 1)
  await fleet.settled(id, 'edge')
  expect({ text: await fleet.text('edge', 'other-bytes', 'k'), puts }).toEqual({ text: 'a', puts: 1 })
})
