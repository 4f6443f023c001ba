// Stores that refuse for a while: shown with their cause, without harm to others, and all is copied when that ends.
import { expect, onTestFinished, test, vi } from 'vitest'
import { createStorageDriver } from '../../../server/storage/create-storage-driver.ts'
import { eventually } from '../../support/eventually.ts'
import { type Instead, refusal, startFaultyWay } from '../../support/faulty-way.ts'
import { startHeldWay } from '../../support/held-way.ts'
import { unfinishedUploads } from '../../support/minio.ts'
import { driverOf } from '../../support/minio-driver.ts'
import { lentKeys } from '../../support/minio-session.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { rawClient } from '../../support/raw-store.ts'
import { putInParts } from '../../support/regressed-master.ts'

const stores = minios('hpc', 'edge')

async function copied(bucket: string, mover: Parameters<MoverFleet['startMover']>[0] = {}) {
  const fleet = await stores.fleet()
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'before', 'v')
  fleet.startMover(mover)
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  return { fleet, id }
}

/** Resolves to the first cause that is told of the copy. */
const cause = (fleet: MoverFleet, id: string, code: string) =>
  eventually(`${code} is told`, async () => (await fleet.causes(id, 'edge')).find((one) => one.code === code))

async function isHealed(fleet: MoverFleet, id: string, bucket: string): Promise<void> {
  await fleet.settled(id, 'edge')
  await eventually('nothing is wrong any more', async () => (await fleet.causes(id, 'edge')).length === 0)
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
}

test("a clock that is too far from the stores' is named, and when it is right again all is copied", async () => {
  const bucket = 'skewed'
  const { fleet, id } = await copied(bucket)
  onTestFinished(() => void vi.useRealTimers())
  await fleet.put('hpc', bucket, 'k', 'v')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 20 * 60_000 })
  await fleet.event(id, 'k').catch(() => undefined)
  // Both do, and which of them is asked first is left open.
  expect((await cause(fleet, id, 'STORE_CLOCK_SKEW')).message).toMatch(/^(hpc|edge) has a clock too far from FaDO's$/)
  vi.useRealTimers()
  await isHealed(fleet, id, bucket)
})

test.each(['the access key', 'the session token'])(
  'a store that does not take %s any more is named, and gets all when it does',
  async (what) => {
    const bucket = `expired-${what.split(' ').at(-1)}`
    const process = stores.process('edge')
    const lent = await lentKeys(process)
    const expired =
      what === 'the access key' ? { ...lent, accessKey: 'GONE' } : { ...lent, sessionToken: `${lent.sessionToken}gone` }
    const [good, bad] = [lent, expired].map((keys) => createStorageDriver({ endpoint: process.endpoint, ...keys }))
    let isExpired = false
    const fleet = await stores.fleet()
    for (const driver of [good, bad]) if (driver) fleet.onEnd(() => driver.close())
    const id = await fleet.bucket(bucket, 'hpc')
    await fleet.put('hpc', bucket, 'before', 'v')
    fleet.startMover({
      storageFor: async (storeId) => {
        const driver = isExpired ? bad : good
        return storeId === fleet.storeId('edge') && driver ? { driver, name: 'edge' } : fleet.storageFor(storeId)
      },
    })
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    isExpired = true
    await fleet.put('hpc', bucket, 'k', 'v')
    await fleet.event(id, 'k')
    expect((await cause(fleet, id, 'STORE_REFUSES_KEY')).message).toBe("edge does not accept FaDO's access key")
    isExpired = false
    await isHealed(fleet, id, bucket)
  },
)

test('a store without room is named at the objects that it does not take, holds none of their parts, and gets them when it has room', async () => {
  const bucket = 'without-room'
  const { fleet, id } = await copied(bucket, { times: { maxBackoff: 2_000 } })
  const raw = rawClient(stores.process('edge'))
  await raw.setQuota(bucket, 1_000_000)
  await fleet.put('hpc', bucket, 'small', 'v')
  await fleet.put('hpc', bucket, 'large', Buffer.alloc(1_500_000))
  await putInParts(fleet.store('hpc'), bucket, 'parts', Buffer.alloc(11 * 2 ** 20))
  await fleet.event(id, 'small', 'large', 'parts')
  await eventually('what it has room for is there', async () => (await fleet.text('edge', bucket, 'small')) === 'v')
  const { message } = await eventually('both are told of', async () =>
    (await fleet.causes(id, 'edge')).find((one) => one.code === 'KEYS_FAIL' && one.message.startsWith('2 objects')),
  )
  expect(message).toContain('2 objects cannot be copied to edge now: edge: The store is full or its quota is used up')
  // They would take the room that it lacks.
  const { dataDir } = stores.process('edge')
  await eventually('no parts of it are kept between tries', async () => (await unfinishedUploads(dataDir)).length === 0)
  await raw.setQuota(bucket, 0)
  await isHealed(fleet, id, bucket)
})

test('a store that asks to be spared is named, others go on, and it gets all when it has time', async () => {
  const bucket = 'spared'
  const fleet = await stores.fleet()
  let spares: RegExp | null = null
  const slowDown: Instead = refusal('503 Slow Down', 'SlowDown')
  const way = await startFaultyWay(stores.process('edge').endpoint, (request) =>
    spares?.test(request) ? slowDown : null,
  )
  const driver = driverOf(way.endpoint)
  fleet.onEnd(() => driver.close())
  const id = await fleet.bucket(bucket, 'hpc')
  const other = await fleet.bucket('not-spared', 'hpc')
  fleet.startMover({
    times: { maxBackoff: 500 },
    storageFor: async (storeId) =>
      storeId === fleet.storeId('edge') ? { driver, name: 'edge' } : fleet.storageFor(storeId),
  })
  for (const one of [id, other]) {
    await fleet.replica(one, 'edge')
    await fleet.settled(one, 'edge')
  }
  spares = new RegExp(`^PUT /${bucket}/`)
  const keys = Array.from({ length: 30 }, (_, n) => `k${n}`)
  for (const key of keys) for (const name of [bucket, 'not-spared']) await fleet.put('hpc', name, key, key)
  await fleet.event(id, ...keys)
  await fleet.event(other, ...keys)
  expect((await cause(fleet, id, 'KEYS_FAIL')).message).toContain('edge: The store has too much to do')
  await eventually('the other has all', async () => (await fleet.keys('edge', 'not-spared')).length === keys.length)
  await eventually('it suffers nothing of that', async () => (await fleet.causes(other, 'edge')).length === 0)
  spares = /./
  expect((await cause(fleet, id, 'STORE_BUSY')).message).toBe('edge asks to be spared')
  spares = null
  await isHealed(fleet, id, bucket)
})

test('what failed of a store is tried at once when the store is well again, not when its backoff ends', async () => {
  const bucket = 'tried-at-once'
  const fleet = await stores.fleet()
  let refuses: RegExp | null = null
  const failure = refusal('500 Internal Server Error', 'InternalError')
  const way = await startFaultyWay(stores.process('edge').endpoint, (request) =>
    refuses?.test(request) ? failure : null,
  )
  const driver = driverOf(way.endpoint)
  fleet.onEnd(() => driver.close())
  const id = await fleet.bucket(bucket, 'hpc')
  fleet.startMover({
    times: { backoff: 600_000, maxBackoff: 600_000 },
    storageFor: async (storeId) =>
      storeId === fleet.storeId('edge') ? { driver, name: 'edge' } : fleet.storageFor(storeId),
  })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  refuses = new RegExp(`^PUT /${bucket}/first`)
  await fleet.put('hpc', bucket, 'first', 'v')
  await fleet.event(id, 'first')
  await cause(fleet, id, 'KEYS_FAIL')
  refuses = /./
  await fleet.put('hpc', bucket, 'second', 'v')
  await fleet.event(id, 'second')
  await cause(fleet, id, 'STORE_FAILS')
  refuses = null
  await isHealed(fleet, id, bucket)
})

test('a store whose writes hang while it answers is named, lets others read of it, and gets all when they end', async () => {
  const bucket = 'hanging-writes'
  const fleet = await stores.fleet()
  const way = await startHeldWay(stores.process('edge').endpoint, (request) => /^PUT .*-late/.test(request))
  const driver = driverOf(way.endpoint)
  fleet.onEnd(() => driver.close())
  const id = await fleet.bucket(bucket, 'hpc')
  const from = await fleet.bucket('read-of-it', 'edge')
  fleet.startMover({
    times: { noWrites: 700, maxBackoff: 200 },
    storageFor: async (storeId) =>
      storeId === fleet.storeId('edge') ? { driver, name: 'edge' } : fleet.storageFor(storeId),
  })
  await fleet.replica(id, 'edge')
  await fleet.replica(from, 'hpc')
  for (const [one, at] of [[id, 'edge'] as const, [from, 'hpc'] as const]) await fleet.settled(one, at)
  await fleet.put('hpc', bucket, 'k-late', 'v')
  await fleet.event(id, 'k-late')
  const message = 'edge answers, but takes no writes: none ends in time'
  expect((await cause(fleet, id, 'STORE_TAKES_NO_WRITES')).message).toBe(message)
  await fleet.put('edge', 'read-of-it', 'k', 'v')
  await fleet.event(from, 'k')
  await eventually('what is read there arrives', async () => (await fleet.text('hpc', 'read-of-it', 'k')) === 'v')
  expect(await fleet.causes(from, 'hpc')).toEqual([])
  expect(await fleet.storeProblems('edge')).toEqual(['no-writes'])
  way.deliver()
  // What was held may be there by now, and is not written once more.
  await fleet.put('hpc', bucket, 'after', 'v')
  await fleet.event(id, 'after')
  await eventually('a write has ended', async () => (await fleet.storeProblems('edge')).length === 0)
  await isHealed(fleet, id, bucket)
})
