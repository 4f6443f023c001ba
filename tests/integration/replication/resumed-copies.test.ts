// A large copy that was cut off is gone on with.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import { StorageError } from '../../../server/storage/storage-error.ts'
import { eventually } from '../../support/eventually.ts'
import { minios } from '../../support/minios.ts'
import { putInParts } from '../../support/regressed-master.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')
const mib = 2 ** 20

/** Notes what is sent, part by part; the fourth of six waits for all others and fails, as long as it is told to. */
function cutAtTheFourth(isCut: () => boolean) {
  const sent: number[] = []
  const arrived: number[] = []
  const calls = (driver: StorageDriver): Partial<StorageDriver> => ({
    async uploadPart(name, key, options) {
      if (options.partNumber === 4 && isCut()) {
        await eventually('the others are there', async () => arrived.length === 5)
        throw new StorageError('unreachable', 'The connection was cut')
      }
      sent.push(options.partNumber)
      const part = await driver.uploadPart(name, key, options)
      arrived.push(options.partNumber)
      return part
    },
  })
  return { sent, arrived, calls }
}

test.each(['the same mover', 'another mover'])('%s sends only the parts that are not there', async (who) => {
  const fleet = await stores.fleet()
  const bucket = who === 'another mover' ? 'resumed-by-another' : 'resumed'
  const id = await fleet.bucket(bucket, 'hpc')
  await putInParts(fleet.store('hpc'), bucket, 'big', randomBytes(27 * mib))
  let cuts = 0
  const { sent, arrived, calls } = cutAtTheFourth(() => who === 'another mover' || cuts++ === 0)
  const first = fleet.startMover({ storageFor: withCalls(fleet, 'edge', calls) })
  await fleet.replica(id, 'edge')
  if (who === 'another mover') {
    await eventually('all but one are there', async () => arrived.length === 5)
    await first.stop()
    const second = cutAtTheFourth(() => false)
    fleet.startMover({ storageFor: withCalls(fleet, 'edge', second.calls) })
    await fleet.settled(id, 'edge')
    sent.push(...second.sent)
  } else await fleet.settled(id, 'edge')
  expect(sent.toSorted()).toEqual([1, 2, 3, 4, 5, 6])
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('what was begun of an older version is taken back', async () => {
  const fleet = await stores.fleet()
  const bucket = 'begun-of-older'
  const id = await fleet.bucket(bucket, 'hpc')
  await putInParts(fleet.store('hpc'), bucket, 'big', randomBytes(27 * mib))
  const first = cutAtTheFourth(() => true)
  const mover = fleet.startMover({ storageFor: withCalls(fleet, 'edge', first.calls) })
  await fleet.replica(id, 'edge')
  const begun = await eventually('an upload is journaled', async () => {
    const { rows } = await fleet.pool.query<{ upload: string }>(
      'SELECT upload_id AS upload FROM replica_object WHERE upload_id IS NOT NULL',
    )
    return first.arrived.length === 5 ? rows[0]?.upload : undefined
  })
  await mover.stop()
  await putInParts(fleet.store('hpc'), bucket, 'big', randomBytes(11 * mib))
  const second = cutAtTheFourth(() => false)
  fleet.startMover({ storageFor: withCalls(fleet, 'edge', second.calls) })
  await fleet.settled(id, 'edge')
  expect(second.sent.toSorted()).toEqual([1, 2, 3])
  await expect(fleet.store('edge').uploadedParts(bucket, 'big', begun)).rejects.toMatchObject({
    kind: 'no-such-upload',
  })
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})
