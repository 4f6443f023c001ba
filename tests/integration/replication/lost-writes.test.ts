// A replica's store that says that it has done what it was asked for, and has not.
import { expect, test } from 'vitest'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

test('a store that acknowledges a write and loses it is named at the object, asked ever more seldom, and gets it when it keeps it', async () => {
  const fleet = await stores.fleet()
  const bucket = 'acknowledged-and-lost'
  const id = await fleet.bucket(bucket, 'hpc')
  // With tags, so that they are no plain new objects, which nobody looks at afterwards.
  const tags = [{ key: 'a', value: 'b' }]
  for (const key of ['kept', 'lost'])
    await fleet.store('hpc').put(bucket, key, { body: Buffer.from(key), size: key.length, tags })
  let loses = true
  let writes = 0
  const losing = (driver: StorageDriver): Partial<StorageDriver> => ({
    async put(name, key, options) {
      const answer = await driver.put(name, key, options)
      if (key === 'lost' && loses) {
        writes++
        await driver.delete(name, key)
      }
      return answer
    },
  })
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', losing), times: { maxBackoff: 60_000 } })
  await fleet.replica(id, 'edge')
  const [cause] = await eventually('it is told', async () => {
    const causes = await fleet.causes(id, 'edge')
    return causes.length > 0 ? causes : null
  })
  expect(cause?.message).toBe(
    '1 object cannot be copied to edge now: edge answers that it has written or deleted "lost", and has not',
  )
  const tries = async () =>
    (await fleet.one<{ n: number }>('SELECT max(attempts) AS n FROM dirty_object WHERE key = $1', ['lost'])).n
  await eventually('it is tried again', async () => (await tries()) >= 3)
  expect(writes).toBeLessThanOrEqual(2 * ((await tries()) + 1))
  expect(await fleet.text('edge', bucket, 'kept')).not.toBeNull()
  expect((await fleet.replicaRow(id, 'edge')).observed, 'it lacks one').toBe('syncing')

  loses = false
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
  await eventually('nothing is wrong any more', async () => (await fleet.causes(id, 'edge')).length === 0)
})

test.each([1, 300_000])(
  'a new object (%i bytes) that its store lost after it had acknowledged it is found by the next comparison',
  async (size) => {
    const fleet = await stores.fleet()
    const bucket = `lost-unseen-${size}`
    const id = await fleet.bucket(bucket, 'hpc')
    for (const key of ['a', 'b']) await fleet.put('hpc', bucket, key, Buffer.alloc(size, key))
    fleet.startMover({
      times: { sweepMinS: 600 },
      storageFor: withCalls(fleet, 'edge', (driver) => ({
        async put(name, key, options) {
          const answer = await driver.put(name, key, options)
          if (key === 'a') await driver.delete(name, key)
          return answer
        },
      })),
    })
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge')
    expect(await fleet.keys('edge', bucket)).toEqual(['b'])
    await fleet.task(id, 'edge', 'sweep')
    await eventually('it is told', async () =>
      (await fleet.causes(id, 'edge')).some(({ message }) =>
        message.includes('edge answers that it has written or deleted "a", and has not'),
      ),
    )
  },
)

test('a store that acknowledges a delete and keeps the object is named, and the object goes when it lets it go', async () => {
  const fleet = await stores.fleet()
  const bucket = 'deleted-and-kept'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['stays', 'kept']) await fleet.put('hpc', bucket, key, key)
  let keeps = true
  const keeping = (driver: StorageDriver): Partial<StorageDriver> => ({
    delete: async (...args) => (keeps ? { versionsLeft: false } : driver.delete(...args)),
  })
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', keeping), times: { sweepMinS: 600 } })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.store('hpc').delete(bucket, 'kept')
  await fleet.event(id, 'kept')
  await eventually('it is told', async () =>
    (await fleet.causes(id, 'edge')).some(({ message }) => message.includes('written or deleted "kept", and has not')),
  )
  keeps = false
  await fleet.settled(id, 'edge')
  expect(await fleet.keys('edge', bucket)).toEqual(['stays'])
  await eventually('nothing is wrong any more', async () => (await fleet.causes(id, 'edge')).length === 0)
})

test('a copy that is taken away is not gone before its objects are, though its store acknowledges their deletes', async () => {
  const fleet = await stores.fleet()
  const bucket = 'evicted-and-kept'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'kept']) await fleet.put('hpc', bucket, key, key)
  let keeps = true
  const keeping = (driver: StorageDriver): Partial<StorageDriver> => ({
    delete: async (name, key, options) =>
      keeps && key === 'kept' ? { versionsLeft: false } : driver.delete(name, key, options),
  })
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', keeping) })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.withdraw(id, 'edge')
  await eventually('it is told', async () =>
    (await fleet.causes(id, 'edge')).some(({ message }) => message.includes('written or deleted "kept", and has not')),
  )
  expect((await fleet.replicaRow(id, 'edge')).observed).toBe('deleting')
  keeps = false
  await eventually('it is gone', async () => (await fleet.replicaRow(id, 'edge')).observed === 'absent')
  expect(await fleet.store('edge').headBucket(bucket)).toBeNull()
})

test('a bucket that is deleted with its data is not tried without end where its store keeps an object', async () => {
  const fleet = await stores.fleet()
  const bucket = 'deleted-and-kept-master'
  const id = await fleet.bucket(bucket, 'hpc')
  for (const key of ['a', 'kept']) await fleet.put('hpc', bucket, key, key)
  let keeps = true
  let asked = 0
  const keeping = (driver: StorageDriver): Partial<StorageDriver> => ({
    async delete(name, key, options) {
      asked++
      return keeps && key === 'kept' ? { versionsLeft: false } : driver.delete(name, key, options)
    },
  })
  await fleet.pool.query(`UPDATE bucket SET state = 'deleting', delete_data = true WHERE id = $1`, [id])
  await fleet.task(id, 'hpc', 'master_delete')
  fleet.startMover({ storageFor: withCalls(fleet, 'hpc', keeping), times: { backoff: 150_000, maxBackoff: 600_000 } })
  const trouble = await eventually('it is told', async () => (await fleet.taskRow(id, 'hpc')).trouble)
  expect(trouble).toMatchObject({ kind: 'call', detail: expect.stringContaining('"kept", and has not') })
  expect(asked).toBeLessThan(6)
  keeps = false
  await fleet.task(id, 'hpc', 'master_delete')
  await eventually('it is done', async () => (await fleet.bucketRow(id)).masterDone)
  expect(await fleet.store('hpc').headBucket(bucket)).toBeNull()
})
