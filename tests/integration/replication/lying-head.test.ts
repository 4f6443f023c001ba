// A replica's store that says for a while that it does not have what it has.
import { expect, test } from 'vitest'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

async function copied(bucket: string, calls: (driver: StorageDriver) => Partial<StorageDriver>) {
  const fleet = await stores.fleet()
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'first')
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', calls) })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.put('hpc', bucket, 'k', 'the second version')
  return { fleet, id }
}

test('a copy whose write is cut off while its store denies to have it is still the one that FaDO made afterwards', async () => {
  const bucket = 'denied-and-cut'
  let lies = false
  let cut = 0
  const { fleet, id } = await copied(bucket, (driver) => ({
    head: async (...args) => (lies ? null : driver.head(...args)),
    // MinIO refuses a large object before it has taken it; what is left of that is a cut connection.
    async put(...args) {
      if (!lies) return driver.put(...args)
      cut++
      throw new StorageError('unreachable', 'The connection broke')
    },
  }))
  lies = true
  await fleet.event(id, 'k')
  await eventually('writes were cut off', () => cut > 1)
  lies = false
  await fleet.event(id, 'k')
  await fleet.settled(id, 'edge')
  expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ conflicts: 0 })
  expect(await fleet.text('edge', bucket, 'k')).toBe('the second version')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('a store that refuses to write over what it denies to have is asked ever more seldom, and named', async () => {
  const bucket = 'denied-and-refused'
  let lies = false
  const { fleet, id } = await copied(bucket, (driver) => ({
    head: async (...args) => (lies ? null : driver.head(...args)),
  }))
  lies = true
  await fleet.event(id, 'k')
  const [cause] = await eventually('it is told', async () => {
    const causes = await fleet.causes(id, 'edge')
    return causes.length > 0 ? causes : null
  })
  expect(cause?.code).toBe('KEYS_FAIL')
  expect(cause?.message).toBe(
    '1 object cannot be copied to edge now: edge refuses to write "k", for it has another object there than it shows',
  )
  await eventually('it is tried again', async () => {
    const { rows } = await fleet.pool.query<{ attempts: number }>('SELECT attempts FROM dirty_object')
    return rows.some(({ attempts }) => attempts > 1)
  })
  lies = false
  await fleet.settled(id, 'edge')
  expect(await fleet.text('edge', bucket, 'k')).toBe('the second version')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})
