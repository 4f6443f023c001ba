// What happens to a copy while it is filled for the first time.
import { expect, test } from 'vitest'
import type { StorageFor } from '../../../server/replication/stores/stores.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'

const stores = minios('hpc', 'edge')

/** Objects whose key begins with `held` are written on edge only when `release` was called. */
function holding(fleet: MoverFleet): { storageFor: StorageFor; held: () => number; release: () => void } {
  const gate = Promise.withResolvers<void>()
  const known = new Map<string, Awaited<ReturnType<StorageFor>>>()
  let held = 0
  const storageFor: StorageFor = async (id) => {
    const { driver, name } = await fleet.storageFor(id)
    const put: typeof driver.put = async (bucket, key, options) => {
      if (name === 'edge' && key.startsWith('held')) {
        held++
        await gate.promise
      }
      return driver.put(bucket, key, options)
    }
    const store = known.get(id) ?? { driver: { ...driver, put }, name }
    known.set(id, store)
    return store
  }
  return { storageFor, held: () => held, release: gate.resolve }
}

test('a copy whose bucket somebody removes while it is filled begins anew', async () => {
  const fleet = await stores.fleet()
  const bucket = 'removed-meanwhile'
  const id = await fleet.bucket(bucket, 'hpc')
  const keys = ['done', 'held-1', 'held-2']
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  const { storageFor, held, release } = holding(fleet)
  fleet.startMover({ storageFor })
  await fleet.replica(id, 'edge')
  await eventually('one is there', async () => (await fleet.text('edge', bucket, 'done')) !== null)
  await eventually('the others are on their way', () => held() === 2)
  await fleet.store('edge').delete(bucket, 'done')
  await fleet.store('edge').deleteBucket(bucket)
  release()
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})
