import { expect, test } from 'vitest'
import { markObjects } from '../../../server/db/queue/dirty-objects.ts'
import { sweepAllMasters } from '../../../server/db/queue/sweeps.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { fromNow } from '../../support/world/fleet.ts'
import { insert } from '../../support/world/insert.ts'

const stores = minios('hpc', 'edge')

test('the brake holds deletes that a sweep finds until an order lets them go; deletes told by events pass', async () => {
  const fleet = await stores.fleet()
  const bucket = 'brake'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.policy(id, 'delete_brake', { objects: 2, percent: 10 })
  const keys = ['a', 'b', 'c', 'd', 'e', 'f']
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of ['a', 'b', 'c']) await fleet.store('hpc').delete(bucket, key)
  await fleet.sweep(id, 'edge')
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ braked: 3 })
  expect((await fleet.causes(id, 'edge'))[0]?.message).toContain('holds 3 deletes on edge')
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
  await fleet.event(id, 'a')
  await eventually('an event passes', async () => (await fleet.text('edge', bucket, 'a')) === null)
  await fleet.sweep(id, 'edge')
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ braked: 0 })
  expect(await fleet.keys('edge', bucket)).toEqual(['d', 'e', 'f'])
  for (const key of ['d', 'e', 'f']) await fleet.store('hpc').delete(bucket, key)
  await fleet.sweep(id, 'edge')
  expect(await fleet.keys('edge', bucket), 'a whole replica is never deleted by itself').toEqual(['d', 'e', 'f'])
  await fleet.sweep(id, 'edge', { allowDeletes: true })
  expect(await fleet.keys('edge', bucket)).toEqual([])
  expect(await fleet.causes(id, 'edge')).toEqual([])
})

test('the brake also holds what a look at the master finds missing, on every replica, and says so', async () => {
  const fleet = await stores.fleet()
  const bucket = 'brake-master'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.policy(id, 'delete_brake', { objects: 2, percent: 10 })
  const keys = ['a', 'b', 'c', 'd', 'e', 'f']
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of ['a', 'b', 'c']) await fleet.store('hpc').delete(bucket, key)
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('it is told', async () => (await fleet.causes(id, 'edge'))[0]?.code === 'DELETES_BRAKED')
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ braked: 3 })
  expect(await fleet.bucketRow(id), 'what is known of the master is true').toMatchObject({ objects: 3 })

  await fleet.sweep(id, 'edge', { allowDeletes: true })
  expect(await fleet.keys('edge', bucket)).toEqual(['d', 'e', 'f'])
  await fleet.store('hpc').delete(bucket, 'd')
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('fewer pass', async () => (await fleet.keys('edge', bucket)).join() === 'e,f')
})

test('what an event tells of a delete while events may be missing is held to the brake like any comparison', async () => {
  const fleet = await stores.fleet()
  const bucket = 'brake-gap'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.policy(id, 'delete_brake', { objects: 2, percent: 10 })
  const keys = ['a', 'b', 'c', 'd']
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  const mover = fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await mover.stop() // or its look at the master could close the gap before the events come
  await sweepAllMasters(fleet.pool) // FaDO was away, and the store was not
  for (const key of ['a', 'b', 'c']) await fleet.store('hpc').delete(bucket, key)
  await fleet.event(id, 'a', 'b', 'c')
  fleet.startMover()
  await eventually('it is told', async () => (await fleet.causes(id, 'edge'))[0]?.code === 'DELETES_BRAKED')
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
  await eventually('the gap is closed, so that events pass again', async () => !(await fleet.bucketRow(id)).hasGap)
  await fleet.idle()
  await fleet.event(id, 'a')
  await eventually('an event passes', async () => (await fleet.text('edge', bucket, 'a')) === null)
})

test('deletes of which nobody told are counted together, also those that the record lacks already', async () => {
  const fleet = await stores.fleet()
  const bucket = 'brake-portions'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.policy(id, 'delete_brake', { objects: 2, percent: 10 })
  const keys = ['a', 'b', 'c', 'd']
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  fleet.startMover({ times: { sweepMinS: 600 } })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  // The key's own look came first, as it may where an event told of a delete while others may be missing.
  await insert(fleet.pool, 'dirtyObject', {
    ...{ bucketId: id, storageId: fleet.storeId('edge'), key: 'a', notBefore: fromNow(3600) },
  })
  await fleet.pool.query(`DELETE FROM object_record WHERE bucket_id = $1 AND key = 'a'`, [id])
  for (const key of ['a', 'b', 'c']) await fleet.store('hpc').delete(bucket, key)
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('it is told', async () => (await fleet.causes(id, 'edge'))[0]?.code === 'DELETES_BRAKED')
  expect(await fleet.keys('edge', bucket)).toEqual(keys)

  await fleet.store('hpc').delete(bucket, 'd') // nor does one more pass alone while the others wait
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('it is told', async () => (await fleet.replicaRow(id, 'edge')).braked === 4)
  await fleet.pool.query('UPDATE dirty_object SET not_before = now()')
  fleet.pool.wake('object')
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
})

test('deletes of which nobody told are counted together, also while some of their keys wait to be looked at', async () => {
  const fleet = await stores.fleet()
  const bucket = 'brake-waiting'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.policy(id, 'delete_brake', { objects: 2, percent: 10 })
  const keys = ['a', 'b', 'c', 'd', 'e']
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  for (const key of ['a', 'b', 'c', 'd']) await fleet.store('hpc').delete(bucket, key)
  const later = { bucketId: id, storageId: fleet.storeId('edge'), notBefore: fromNow(3600) }
  for (const key of ['b', 'c']) await insert(fleet.pool, 'dirtyObject', { ...later, key })
  await insert(fleet.pool, 'dirtyObject', { ...later, key: 'd', mayDelete: true }) // an event tells of it: no suggestion
  await fleet.task(id, 'edge', 'sweep')
  await eventually('it is told', async () => (await fleet.replicaRow(id, 'edge')).braked === 3)
  expect(await fleet.keys('edge', bucket)).toEqual(keys)
  await fleet.pool.query('UPDATE dirty_object SET not_before = now()')
  fleet.pool.wake('object')
  await eventually('what was told of passes', async () => (await fleet.text('edge', bucket, 'd')) === null)
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(['a', 'b', 'c', 'e'])
})

test('a key that is not at the master goes only where somebody told of the delete, or a comparison that the brake let pass', async () => {
  const fleet = await stores.fleet()
  const bucket = 'nobody-told'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.policy(id, 'delete_brake', { objects: 0, percent: 0 })
  for (const key of ['a', 'b']) await fleet.put('hpc', bucket, key, key)
  fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.store('hpc').delete(bucket, 'a')
  await markObjects(fleet.pool, [{ bucketId: id, key: 'a', removed: false }]) // e.g. an older event, of its creation
  await eventually('it is told', async () => (await fleet.causes(id, 'edge'))[0]?.code === 'DELETES_BRAKED')
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(['a', 'b'])
})

test('a delete that was told of counts no more when the object was written again since: where it vanishes then, the brake holds', async () => {
  const fleet = await stores.fleet()
  const bucket = 'brake-written-again'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.policy(id, 'delete_brake', { objects: 0, percent: 0 })
  for (const key of ['a', 'b']) await fleet.put('hpc', bucket, key, key)
  const mover = fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await mover.stop() // as if the copy's store were down
  await fleet.store('hpc').delete(bucket, 'a')
  await fleet.event(id, 'a')
  await fleet.put('hpc', bucket, 'a', 'again')
  await fleet.event(id, 'a')
  await fleet.store('hpc').delete(bucket, 'a') // and nobody tells
  fleet.startMover()
  await eventually('it is told', async () => (await fleet.causes(id, 'edge'))[0]?.code === 'DELETES_BRAKED')
  await fleet.idle()
  expect(await fleet.keys('edge', bucket)).toEqual(['a', 'b'])
})
