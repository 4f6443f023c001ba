// Objects that a store does not take as they are: told of by name, and nothing of ours passes for what others did.
import { expect, test } from 'vitest'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError, type StorageErrorKind } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { rawClient } from '../../support/raw-store.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

/** Of the object `bad` this call is refused while `refuses` says so. */
const refusing =
  (call: 'put' | 'putTags', kind: StorageErrorKind, refuses: () => boolean) =>
  (driver: StorageDriver): Partial<StorageDriver> => ({
    [call]: async (...args: unknown[]) => {
      if (args[1] === 'bad' && refuses()) throw new StorageError(kind, 'The store cannot hold it')
      return (driver[call] as (...args: unknown[]) => Promise<unknown>)(...args)
    },
  })

/** More than a header may hold: they are sent by themselves, after the object. */
const manyTags = Array.from({ length: 10 }, (_, n) => ({
  key: `${n}${'/'.repeat(100)}`, // in a header each of these takes three
  value: '/'.repeat(200),
}))

const refused = 'edge cannot hold 1 object of the master as it is: bad'

test.for(['bad-key', 'bad-metadata'] as const)(
  'an object that a store cannot hold (%s) is told of by name and not tried again and again',
  async (kind) => {
    const fleet = await stores.fleet()
    const bucket = `refused-${kind}`
    const id = await fleet.bucket(bucket, 'hpc')
    for (const key of ['good', 'bad']) await fleet.put('hpc', bucket, key, key)
    let tries = 0
    const counted = () => tries++ >= 0
    fleet.startMover({ storageFor: withCalls(fleet, 'edge', refusing('put', kind, counted)) })
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    expect(await fleet.conflicts(id, 'edge', 1)).toBe(refused)
    expect(await fleet.keys('edge', bucket)).toEqual(['good'])
    await fleet.sweep(id, 'edge')
    await fleet.sweep(id, 'edge')
    expect(tries).toBe(1)
    await fleet.sweep(id, 'edge', { overwrite: true })
    expect(tries, 'an order has it tried again').toBe(2)
  },
)

test('where a store does not take a new version the one before stays, is ours, and is replaced by a version that it takes', async () => {
  const fleet = await stores.fleet()
  const bucket = 'refused-version'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['bad', 'other']) await fleet.put('hpc', bucket, key, 'first')
  let refuses = false
  fleet.startMover({
    storageFor: withCalls(
      fleet,
      'edge',
      refusing('put', 'bad-metadata', () => refuses),
    ),
  })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  refuses = true
  await fleet.put('hpc', bucket, 'bad', 'second')
  await fleet.event(id, 'bad')
  expect(await fleet.conflicts(id, 'edge', 1)).toBe(refused)
  expect(await fleet.text('edge', bucket, 'bad')).toBe('first')
  await fleet.sweep(id, 'edge')
  expect(await fleet.conflicts(id, 'edge', 1)).toBe(refused)

  refuses = false
  await fleet.put('hpc', bucket, 'bad', 'third')
  await fleet.event(id, 'bad')
  await fleet.conflicts(id, 'edge', 0)
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('an object whose tags are refused stays without them, is told of by name, and goes with the copy, versions and all', async () => {
  const fleet = await stores.fleet()
  const bucket = 'refused-tags'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'bad', 'first')
  fleet.startMover({
    storageFor: withCalls(
      fleet,
      'edge',
      refusing('putTags', 'bad-metadata', () => true),
    ),
  })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await rawClient(stores.process('edge')).setVersioning(bucket, 'Enabled')
  await fleet.put('hpc', bucket, 'bad', 'second')
  await fleet.store('hpc').putTags(bucket, 'bad', manyTags)
  await fleet.event(id, 'bad')
  expect(await fleet.conflicts(id, 'edge', 1)).toBe(refused)
  expect(await fleet.text('edge', bucket, 'bad')).toBe('second')
  await fleet.sweep(id, 'edge')
  expect(await fleet.conflicts(id, 'edge', 1)).toBe(refused)

  await fleet.withdraw(id, 'edge')
  await eventually('the copy is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
})
