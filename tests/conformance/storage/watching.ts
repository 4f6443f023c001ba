import { describe, expect, onTestFinished } from 'vitest'
import { createStorageDriver } from '../../../server/storage/create-storage-driver.ts'
import { watchStore } from '../../../server/storage/watch-store.ts'
import { driverForTest, type Suite } from './store-under-test.ts'

const { signal } = new AbortController()

export function describeWatching({ get, test }: Suite): void {
  describe('health', () => {
    test('a store is well where a bucket can be read, and where there is none yet', async () => {
      const { driver, bucket } = get()
      const watch = watchStore()
      for (const buckets of [[], [await bucket()], [await bucket(), await bucket()].toSorted()])
        expect((await watch.ask(driver, buckets, signal)).trouble).toBeNull()
    })

    test('a missing bucket is its own trouble, several are the store\u2019s', async () => {
      const { driver, bucket } = get()
      expect((await watchStore().ask(driver, ['a-missing', await bucket()], signal)).trouble).toBeNull()
      expect((await watchStore().ask(driver, ['a-missing'], signal)).trouble).toBeNull()
      const none = await watchStore().ask(driver, ['a-missing', 'b-missing'], signal)
      expect(none.trouble).toMatchObject({ cause: 'FAILING', away: false })
    })

    for (const [what, key] of [
      ['an unknown key', { accessKey: 'nobody' }],
      ['a wrong secret', {}],
    ] as const)
      test(`a store that refuses ${what} is not well, whatever is asked`, async () => {
        const { store, bucket } = get()
        const { endpoint, accessKey } = store
        const driver = createStorageDriver({ endpoint, accessKey, secretKey: 'not-the-secret', ...key })
        onTestFinished(() => driver.close())
        const buckets = [await bucket(), await bucket()].toSorted()
        for (const some of [buckets, buckets.slice(1), []])
          expect((await watchStore().ask(driver, some, signal)).trouble).toMatchObject({ cause: 'KEY_REFUSED' })
      })

    test('it tells how long its process runs', async () => {
      const { driver } = get()
      const before = await driver.uptime()
      expect(before).toBeGreaterThan(0)
      expect(before).toBeLessThan(3_600)
      expect(await driver.uptime()).toBeGreaterThan(before ?? 0)
      expect((await watchStore().ask(driver, [], signal)).uptime).toBeGreaterThan(before ?? 0)
    })

    test('a key that may not ask how long it runs is told nothing', async () => {
      const { store } = get()
      const { endpoint, accessKey } = store
      const driver = createStorageDriver({ endpoint, region: 'us-east-1', accessKey, secretKey: 'not-the-secret' })
      onTestFinished(() => driver.close())
      expect(await driver.uptime()).toBeNull()
    })

    test('a process that begins anew is seen by that, also when nobody asked meanwhile', async () => {
      const { store } = get()
      const driver = driverForTest(store)
      const before = (await driver.uptime()) ?? 0
      await store.restart()
      expect(await driver.uptime()).toBeLessThan(before)
    })
  })
}
