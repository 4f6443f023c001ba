import { describe, expect } from 'vitest'
import { bytes, driverForTest, kindOf, listAll, type Suite } from './store-under-test.ts'

export function describeProbing({ get, test, lacks }: Suite): void {
  describe('probe', () => {
    test('it finds out what the store can do and leaves all as it was', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      await driver.put(name, 'k', bytes('v'))
      const before = await driver.listBuckets()
      const { capabilities, clockSkewMs, leftBehind } = await driver.probe()
      const missing = Object.entries(capabilities).flatMap(([name, { state }]) => (state === 'present' ? [] : [name]))
      expect(missing).toEqual(lacks)
      expect(Math.abs(clockSkewMs ?? 1e9)).toBeLessThan(2_000)
      expect(leftBehind).toBeNull()
      expect(await driver.listBuckets()).toEqual(before)
      expect(await listAll(driver, name)).toHaveLength(1)
    })

    test('its bucket is seen through another driver of the same store while it exists, and only then', async () => {
      const { driver, store } = get()
      const other = driverForTest(store)
      let seen = ''
      await driver.probe({
        async onBucket(name) {
          seen = name
          expect(name).toMatch(/^fado-probe-[0-9a-f]{16}$/)
          expect(await other.headBucket(name)).not.toBeNull()
        },
      })
      expect(seen).not.toBe('')
      expect(await other.headBucket(seen)).toBeNull()
    })

    test('it takes its bucket away also when it is cancelled or its caller fails', async () => {
      const { driver } = get()
      const before = await driver.listBuckets()
      const failure = new Error('the same store')
      await expect(driver.probe({ onBucket: () => Promise.reject(failure) })).rejects.toBe(failure)
      const stop = new AbortController()
      const onBucket = async () => stop.abort()
      expect(await kindOf(driver.probe({ signal: stop.signal, onBucket }))).toBe('aborted')
      expect(await driver.listBuckets()).toEqual(before)
    })
  })
}
