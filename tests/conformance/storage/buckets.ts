import { describe, expect, onTestFinished } from 'vitest'
import { createStorageDriver } from '../../../server/storage/create-storage-driver.ts'
import { bytes, kindOf, type Suite } from './store-under-test.ts'

export function describeBuckets({ get, test }: Suite): void {
  describe('buckets', () => {
    test('a bucket is there once it is made, with the date of its making, and gone once it is deleted', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const head = await driver.headBucket(name)
      expect(Math.abs((head?.serverDate ?? 0) - Date.now())).toBeLessThan(5_000)
      const createdAt = await driver.bucketCreatedAt(name)
      expect(Math.abs((createdAt ?? 0) - Date.now())).toBeLessThan(5_000)
      expect(await driver.listBuckets()).toContainEqual({ name, createdAt })
      await driver.deleteBucket(name)
      expect(await driver.headBucket(name)).toBeNull()
      expect(await driver.bucketCreatedAt(name)).toBeNull()
    })

    test('making a bucket that exists is a conflict', async () => {
      const { driver, bucket } = get()
      expect(await kindOf(driver.createBucket(await bucket()))).toBe('conflict')
    })

    test('a bucket that is not empty is not deleted', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      await driver.put(name, 'k', bytes('v'))
      expect(await kindOf(driver.deleteBucket(name))).toBe('conflict')
      expect(await driver.head(name, 'k')).not.toBeNull()
    })

    test('a cancelled call makes and deletes nothing', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const signal = AbortSignal.abort()
      expect(await kindOf(driver.deleteBucket(name, { signal }))).toBe('aborted')
      expect(await driver.headBucket(name)).not.toBeNull()
      expect(await kindOf(driver.createBucket(`${name}-2`, { signal }))).toBe('aborted')
      expect(await driver.headBucket(`${name}-2`)).toBeNull()
    })

    test('deleting a bucket that is not there says so', async () => {
      expect(await kindOf(get().driver.deleteBucket('test-not-there'))).toBe('no-such-bucket')
    })

    test('a name that no bucket can have is refused', async () => {
      const { driver } = get()
      for (const name of ['Upper', 'a', '..', 'a/b', '10.0.0.1', '']) {
        expect(await kindOf(driver.createBucket(name)), name).toBe('refused')
      }
    })

    test('every call that needs a bucket says when it is missing', async () => {
      const { driver } = get()
      const missing = 'test-not-there'
      expect(await kindOf(driver.put(missing, 'k', bytes('v')))).toBe('no-such-bucket')
      expect(await kindOf(driver.open(missing, 'k'))).toBe('no-such-bucket')
      expect(await driver.head(missing, 'k')).toBeNull()
      expect(await kindOf(driver.createUpload(missing, 'k'))).toBe('no-such-bucket')
      expect(await kindOf(Array.fromAsync(driver.list(missing)))).toBe('no-such-bucket')
    })

    test('wrong credentials are told from a missing right, and a ping still shows that the store is there', async () => {
      const { endpoint, accessKey } = get().store
      const wrong = [
        { accessKey, secretKey: 'not-the-secret' },
        { accessKey: 'nobody', secretKey: 'not-the-secret' },
      ]
      for (const credentials of wrong) {
        const driver = createStorageDriver({ endpoint, region: 'us-east-1', ...credentials })
        onTestFinished(() => driver.close())
        expect(await kindOf(driver.listBuckets())).toBe('signature')
        expect(await kindOf(driver.probe())).toBe('signature')
        expect(Math.abs(((await driver.ping()).serverDate ?? 0) - Date.now())).toBeLessThan(5_000)
      }
    })
  })
}
