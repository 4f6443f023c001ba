// What happens to a copy while it is filled for the first time.
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

test('a copy whose bucket somebody removes while it is filled begins anew', async () => {
  const fleet = await stores.fleet()
  const bucket = 'removed-meanwhile'
  const id = await fleet.bucket(bucket, 'hpc')
  const keys = ['done', 'held-1', 'held-2']
  for (const key of keys) await fleet.put('hpc', bucket, key, key)
  const gate = Promise.withResolvers<void>()
  let held = 0
  const storageFor = withCalls(fleet, 'edge', ({ put }) => ({
    async put(name, key, options) {
      if (key.startsWith('held')) {
        held++
        await gate.promise
      }
      return put(name, key, options)
    },
  }))
  fleet.startMover({ storageFor })
  await fleet.replica(id, 'edge')
  await eventually('one is there', async () => (await fleet.text('edge', bucket, 'done')) !== null)
  await eventually('the others are on their way', () => held === 2)
  await fleet.store('edge').delete(bucket, 'done')
  await fleet.store('edge').deleteBucket(bucket)
  gate.resolve()
  await fleet.settled(id, 'edge')
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})
