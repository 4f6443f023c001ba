// A load balancer before a store that has lost its way there answers 404 itself: that says nothing of buckets and objects.
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { type Instead, startFaultyWay } from '../../support/faulty-way.ts'
import { driverOf } from '../../support/minio-driver.ts'
import { minios } from '../../support/minios.ts'

const stores = minios('hpc', 'edge')
const noStore = 'The answer is not that of an S3 store'
const page = '404 page not found\n'
const notFound: Instead = {
  answer: `HTTP/1.1 404 Not Found\r\ncontent-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\ncontent-length: ${page.length}\r\nconnection: close\r\n\r\n${page}`,
}

test.each(['hpc', 'edge'])('a way to a store (%s) that answers 404 itself for a while loses nothing', async (at) => {
  const fleet = await stores.fleet()
  const bucket = `stray-${at}`
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b', 'c', 'd/e']) await fleet.put('hpc', bucket, key, key)
  let isLost = false
  const way = await startFaultyWay(stores.process(at).endpoint, () => (isLost ? notFound : null))
  const driver = driverOf(way.endpoint)
  fleet.onEnd(() => driver.close())
  fleet.startMover({
    storageFor: async (storeId) => (storeId === fleet.storeId(at) ? { driver, name: at } : fleet.storageFor(storeId)),
  })
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  isLost = true
  await fleet.put('hpc', bucket, 'a', 'other')
  await fleet.put('hpc', bucket, 'f', 'new')
  await fleet.event(id, 'a', 'f')
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.task(id, 'edge', 'sweep', { allowDeletes: true })
  const told = () => fleet.causes(id, 'edge')
  await eventually('it is told', async () => (await told()).some(({ message }) => message.includes(noStore)))
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ observed: 'complete', conflicts: 0, braked: 0 })
  expect((await fleet.bucketRow(id)).masterStop).toBeNull()
  isLost = false
  await fleet.settled(id, 'edge', 30)
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  await eventually('nothing is wrong any more', async () => (await fleet.causes(id, 'edge')).length === 0)
})

test('a copy is not gone because the way to its store answers 404: what lies there is still taken away', async () => {
  const fleet = await stores.fleet()
  const bucket = 'stray-evicted'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'b']) await fleet.put('hpc', bucket, key, key)
  let isLost = false
  const way = await startFaultyWay(stores.process('edge').endpoint, () => (isLost ? notFound : null))
  const driver = driverOf(way.endpoint)
  fleet.onEnd(() => driver.close())
  fleet.startMover({
    storageFor: async (storeId) =>
      storeId === fleet.storeId('edge') ? { driver, name: 'edge' } : fleet.storageFor(storeId),
  })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  isLost = true
  await fleet.withdraw(id, 'edge')
  await eventually('it is tried', async () => (await fleet.taskRow(id, 'edge')).trouble !== null)
  expect((await fleet.replicaRow(id, 'edge')).observed).not.toBe('absent')
  isLost = false
  await eventually('the copy is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
})
