// Connections that break at every class of byte boundary: each call of a copy is cut once at each of them, and then passes.
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { allCuts, startFaultyWay } from '../../support/faulty-way.ts'
import { driverOf } from '../../support/minio-driver.ts'
import { minios } from '../../support/minios.ts'
import { putInParts } from '../../support/regressed-master.ts'

const stores = minios('hpc', 'edge')
const impatient = { backoff: 5, maxBackoff: 20, storeRetry: 20, lateWrite: 100 }

test.each(['hpc', 'edge'] as const)(
  'what is copied from or to a store (%s) whose every call is cut everywhere is equal in the end',
  async (at) => {
    const fleet = await stores.fleet()
    const bucket = `cut-${at}`
    const id = await fleet.bucket(bucket, 'hpc')
    await fleet.put('hpc', bucket, 'small', randomBytes(5_000), { 'x-amz-meta-a': 'b' })
    await fleet.put('hpc', bucket, 'streamed', randomBytes(700_000))
    await fleet
      .store('hpc')
      .put(bucket, 'tagged', { body: Buffer.from('t'), size: 1, tags: [{ key: 'a', value: 'b' }] })
    await fleet.put('hpc', bucket, 'empty', '')
    await putInParts(fleet.store('hpc'), bucket, 'parts', randomBytes(11 * 2 ** 20))
    const asked = new Map<string, number>()
    const way = await startFaultyWay(stores.process(at).endpoint, (request) => {
      const call = request.replace(/uploadId=[^&]*/, '')
      const times = asked.get(call) ?? 0
      asked.set(call, times + 1)
      return allCuts[times] ?? null
    })
    const driver = driverOf(way.endpoint)
    fleet.onEnd(() => driver.close())
    fleet.startMover({
      times: impatient,
      storageFor: async (storeId) => (storeId === fleet.storeId(at) ? { driver, name: at } : fleet.storageFor(storeId)),
    })
    await fleet.replica(id, 'edge')
    await fleet.settled(id, 'edge', 60)
    expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
    // And deletes and changes.
    await fleet.store('hpc').delete(bucket, 'small')
    await fleet.put('hpc', bucket, 'streamed', 'other')
    await fleet.event(id, 'small', 'streamed')
    await fleet.settled(id, 'edge', 30)
    expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
    expect(await fleet.replicaRow(id, 'edge')).toMatchObject({ observed: 'complete', conflicts: 0, braked: 0 })
    await eventually('nothing is wrong any more', async () => (await fleet.causes(id, 'edge')).length === 0)
  },
  120_000,
)
