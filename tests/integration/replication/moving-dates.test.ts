import { expect, test } from 'vitest'
import type { StorageFor } from '../../../server/replication/stores/stores.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge')

/** Stores that report another creation date of each bucket whenever they are asked, as some do that keep them as folders. */
function moving(fleet: MoverFleet): StorageFor {
  const known = new Map<string, Awaited<ReturnType<StorageFor>>>()
  let moved = 0
  return async (id) => {
    const { driver, name } = await fleet.storageFor(id)
    const listBuckets: typeof driver.listBuckets = async (options) => {
      moved += 60_000
      return (await driver.listBuckets(options)).map((one) => ({ ...one, createdAt: one.createdAt + moved }))
    }
    const store = known.get(id) ?? { driver: { ...driver, listBuckets }, name }
    known.set(id, store)
    return store
  }
}

test('buckets of a store whose dates move are known by what lies in them: followed, swept, and taken away', async () => {
  const fleet = await stores.fleet()
  const bucket = 'moving-dates'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b', 'c']) await fleet.put('hpc', bucket, key, key)
  fleet.startMover({ storageFor: moving(fleet) })
  await fleet.event(id, 'a', 'b', 'c')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.store('hpc').delete(bucket, 'a')
  await fleet.event(id, 'a')
  await eventually('the delete is followed', async () => (await fleet.keys('edge', bucket)).join() === 'b,c')
  await fleet.sweep(id, 'edge')
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.idle()
  expect(await fleet.bucketRow(id)).toMatchObject({ masterStop: null, objects: 2 })
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ observed: 'complete' })
  await fleet.withdraw(id, 'edge')
  await eventually('it goes', async () => (await fleet.store('edge').headBucket(bucket)) === null)
})

test('where dates move, objects that are all overwritten at once are followed as events tell of them', async () => {
  const fleet = await stores.fleet()
  const bucket = 'moving-overwritten'
  const id = await fleet.bucket(bucket, 'hpc')
  const keys = ['a', 'b', 'c']
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  fleet.startMover({ storageFor: moving(fleet), times: { sweepMinS: 600 } })
  await fleet.event(id, ...keys)
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.idle()
  for (const key of keys) await fleet.put('hpc', bucket, key, `${key}, again`)
  await fleet.event(id, ...keys)
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.idle()
  expect(await fleet.bucketRow(id)).toMatchObject({ masterStop: null, bytes: 24 })

  for (const key of keys) await fleet.put('hpc', bucket, key, `${key}, of which nobody told`)
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.settled(id, 'edge')
  expect(await fleet.bucketRow(id)).toMatchObject({ masterStop: null })
  expect(await fleet.text('edge', bucket, 'a')).toBe('a, of which nobody told')
})

test('where dates move, deletes of all objects that events told are followed', async () => {
  const fleet = await stores.fleet()
  const bucket = 'moving-emptied'
  const id = await fleet.bucket(bucket, 'hpc')
  const keys = ['a', 'b', 'c']
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  const mover = fleet.startMover({ storageFor: moving(fleet) })
  await fleet.event(id, ...keys)
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.idle()
  await mover.stop()
  for (const key of keys) await fleet.store('hpc').delete(bucket, key)
  await fleet.event(id, ...keys)
  fleet.startMover({ storageFor: moving(fleet) })
  await fleet.settled(id, 'edge')
  expect(await fleet.keys('edge', bucket)).toEqual([])
  expect(await fleet.bucketRow(id)).toMatchObject({ masterStop: null, objects: 0 })
})

test('another bucket is still known for one: its date moved and what lies in it is not what was there', async () => {
  const fleet = await stores.fleet()
  const bucket = 'moved-and-other'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b']) await fleet.put('hpc', bucket, key, key)
  fleet.startMover({ storageFor: moving(fleet) })
  await fleet.event(id, 'a', 'b')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of ['a', 'b']) await fleet.store('hpc').delete(bucket, key)
  await fleet.put('hpc', bucket, 'c', "a stranger's")
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('it is seen', async () => (await fleet.bucketRow(id)).masterStop === 'replaced')
  await fleet.idle()
  expect(await fleet.text('edge', bucket, 'a')).toBe('a')
})
