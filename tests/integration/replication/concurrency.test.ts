// How many at once a link finds to be right, on stores that can take only so much.
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type ConcurrencyView, createLinkReads } from '../../../server/services/replication/read-links.ts'
import { createStorageDriver } from '../../../server/storage/create-storage-driver.ts'
import { eventually } from '../../support/eventually.ts'
import { refusal, startFaultyWay } from '../../support/faulty-way.ts'
import { minios } from '../../support/minios.ts'
import type { MoverFleet } from '../../support/mover-fleet.ts'
import { withCalls } from '../../support/with-calls.ts'

const stores = minios('hpc', 'edge')

async function fill(fleet: MoverFleet, bucket: string, objects: number): Promise<void> {
  const keys = Array.from({ length: objects }, (_, i) => `k${i}`)
  for (let i = 0; i < objects; i += 100)
    await Promise.all(keys.slice(i, i + 100).map((key) => fleet.put('hpc', bucket, key, key)))
}

/** As the link's figures say once it is so. */
const found = (fleet: MoverFleet, what: string, isSo: (concurrency: ConcurrencyView) => boolean) =>
  eventually(what, async () => {
    const [link] = await createLinkReads(fleet.pool).links()
    const concurrency = link?.concurrency ?? null
    return concurrency !== null && isSo(concurrency) ? concurrency : null
  })

test('a store that asks to be spared when more than 12 requests are under way is driven at about 12, and its link says why', async () => {
  const [most, objects] = [12, 600]
  const fleet = await stores.fleet()
  const bucket = 'spared'
  const id = await fleet.bucket(bucket, 'hpc')
  await fill(fleet, bucket, objects)
  const seen = { passed: 0, refused: 0, underWay: 0 }
  const way = await startFaultyWay(stores.process('edge').endpoint, (_, underWay) => {
    if (underWay >= most) {
      seen.refused++
      return refusal('503 Slow Down', 'SlowDown')
    }
    seen.passed++
    seen.underWay += underWay + 1
    return null
  })
  const { accessKey, secretKey } = stores.process('edge')
  const driver = createStorageDriver({ endpoint: way.endpoint, accessKey, secretKey })
  fleet.onEnd(() => driver.close())
  const edge = fleet.storeId('edge')
  fleet.startMover({
    storageFor: async (store) => (store === edge ? { driver, name: 'edge' } : fleet.storageFor(store)),
  })
  await fleet.replica(id, 'edge')
  expect(await found(fleet, 'the link says why', ({ lowered }) => lowered?.reason.code === 'STORE_BUSY')).toMatchObject(
    {
      most: 128,
      lowered: { reason: { message: 'edge asked to be spared', store: 'edge' } },
    },
  )
  await fleet.settled(id, 'edge', 60)
  expect(seen.refused).toBeLessThan(0.2 * seen.passed) // with 64 at once, whatever it says, it is nearly half
  expect(seen.underWay / seen.passed).toBeGreaterThan(most / 3)
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})

test('a store that is far, and answers late but always so, gets as many at once as there may be', async () => {
  const fleet = await stores.fleet()
  const bucket = 'far'
  const id = await fleet.bucket(bucket, 'hpc')
  await fill(fleet, bucket, 800)
  let [underWay, highest] = [0, 0]
  const storageFor = withCalls(fleet, 'edge', (driver) => ({
    async put(...args) {
      highest = Math.max(highest, ++underWay)
      await delay(200)
      return driver.put(...args).finally(() => underWay--)
    },
  }))
  fleet.startMover({ storageFor })
  await fleet.replica(id, 'edge')
  await fleet.settled(id, 'edge', 60)
  expect(highest).toBe(96) // what is not kept for events
  expect(await fleet.differences(id, bucket, 'hpc', 'edge')).toEqual([])
})
