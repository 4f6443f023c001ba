import { expect, test } from 'vitest'
import { recordMasterSweep, stopMaster } from '../../../server/db/copies/master.ts'
import { databaseNow } from '../../../server/db/core/clock.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

/** The master's bucket is removed and made again by a stranger, with other bytes under the same key. */
async function replaceMaster(fleet: MoverFleet, bucket: string): Promise<void> {
  await fleet.store('hpc').delete(bucket, 'only')
  await fleet.store('hpc').deleteBucket(bucket)
  await fleet.store('hpc').createBucket(bucket)
  for (const key of ['only', 'stranger']) await fleet.put('hpc', bucket, key, `a stranger's ${key}`)
}

test("a stranger's bytes never go over the last good copy, whatever fails after the master was seen to be replaced", async () => {
  const fleet = await stores.fleet()
  const bucket = 'replaced-then-refused'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'only', 'the last good copy')
  let refuse = false
  fleet.startMover({
    storageFor: withCalls(fleet, 'hpc', ({ listBuckets }) => ({
      async listBuckets(options) {
        if (refuse) throw new StorageError('access-denied', 'The store does not allow this with these credentials')
        return listBuckets(options)
      },
    })),
  })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await replaceMaster(fleet, bucket)
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('it is seen to be replaced', async () => (await fleet.bucketRow(id)).masterStop === 'replaced')

  refuse = true
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('a look at it fails', async () => (await fleet.taskRow(id, 'hpc')).trouble?.kind === 'call')
  refuse = false
  await fleet.task(id, 'edge', 'sweep', { allowDeletes: true, overwrite: true })
  await fleet.event(id, 'only', 'stranger')
  await fleet.idle()
  expect(await fleet.text('edge', bucket, 'only')).toBe('the last good copy')
  expect(await fleet.keys('edge', bucket)).toEqual(['only'])
  expect((await fleet.causes(id, 'edge')).map((cause) => cause.code)).toEqual(['MASTER_REPLACED'])
})

test("a key that waited while the master's bucket was replaced brings none of the stranger's bytes over a good copy", async () => {
  const fleet = await stores.fleet()
  const bucket = 'replaced-while-waiting'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'only', 'the last good copy')
  const mover = fleet.startMover({ times: { sweepMinS: 600 } }) // no sweep sees the master before the key does
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await mover.stop()
  await fleet.event(id, 'only')
  await replaceMaster(fleet, bucket)
  fleet.startMover({ times: { sweepMinS: 600 } })
  await fleet.idle()
  expect(await fleet.text('edge', bucket, 'only')).toBe('the last good copy')
  expect((await fleet.causes(id, 'edge')).map((cause) => cause.code)).toEqual(['MASTER_REPLACED'])
})

test("what lies in a stranger's bucket is not recorded as the master's, or it would pass for the master by it", async () => {
  const fleet = await stores.fleet()
  const bucket = 'replaced-and-recorded'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'only', 'ours')
  const mover = fleet.startMover()
  await fleet.task(id, 'hpc', 'master_sweep')
  await eventually('it is recorded', async () => (await fleet.bucketRow(id)).objects === 1)
  await mover.stop()
  await replaceMaster(fleet, bucket)
  await fleet.event(id, 'only')
  fleet.startMover()
  await eventually('it is seen to be replaced', async () => (await fleet.bucketRow(id)).masterStop === 'replaced')
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.idle()
  expect(await fleet.bucketRow(id)).toMatchObject({ masterStop: 'replaced', objects: 1, bytes: 4 })
})

test('a whole look ends the stop of a master only when nobody saw another bucket since it began', async () => {
  const fleet = await stores.fleet()
  const id = await fleet.bucket('seen-meanwhile', 'hpc')
  const { pool } = fleet
  const stop = async () => (await fleet.bucketRow(id)).masterStop
  const look = (startedAt: number) =>
    pool.transaction((sql) => recordMasterSweep(sql, id, { startedAt, createdOn: null }))

  const see = () => pool.transaction((sql) => stopMaster(sql, id, 'missing'))
  const passTime = () => pool.query('SELECT pg_sleep(0.01)')
  await see()
  await passTime()
  const startedAt = await databaseNow(pool)
  await passTime()
  await see() // another key, while the look is under way
  await look(startedAt)
  expect(await stop()).toBe('missing')
  await passTime()
  await look(await databaseNow(pool))
  expect(await stop()).toBeNull()
})

test('what another mover suffers of a store stands when a look of this one ends well', async () => {
  const fleet = await stores.fleet()
  const bucket = 'two-troubles'
  const id = await fleet.bucket(bucket, 'hpc')
  await fleet.put('hpc', bucket, 'k', 'v')
  fleet.startMover()
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge')
  await fleet.storeAt('hpc').trouble('timeout')
  await fleet.task(id, 'hpc', 'master_sweep')
  await fleet.idle()
  expect(await fleet.storeProblems('hpc'), 'what another mover suffers stands').toEqual(['timeout'])
})
