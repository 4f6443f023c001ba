import { describe, expect, onTestFinished } from 'vitest'
import { createStorageDriver } from '../../../server/storage/create-storage-driver.ts'
import { bytes, contentOf, kindOf, type Suite } from './store-under-test.ts'

const key = 'dir/ü +%&?#.txt'

export function describePresigned({ get, test }: Suite): void {
  describe('presigned addresses', () => {
    test('anyone may put exactly what was signed, at the public address, and get it', async () => {
      const { driver, bucket, store } = get()
      const name = await bucket()
      const publicEndpoint = store.endpoint.replace('127.0.0.1', 'localhost')
      const signing = createStorageDriver({ ...store, publicEndpoint, region: 'us-east-1' })
      onTestFinished(() => signing.close())
      const metadata = { 'content-type': 'text/x-test', 'x-amz-meta-a': 'b', 'cache-control': 'no-cache' }
      const put = await signing.presignPut(name, key, { expiresInSeconds: 60, metadata })
      expect(put.url.startsWith(`${publicEndpoint}/${name}/`)).toBe(true)
      expect(put).toMatchObject({ method: 'PUT', headers: metadata })

      const sent = await fetch(put.url, { method: 'PUT', headers: put.headers, body: 'hello' })
      expect(sent.status).toBe(200)
      expect(await contentOf(driver, name, key)).toBe('hello')
      expect((await driver.head(name, key))?.metadata).toEqual(metadata)

      const other = { ...put.headers, 'x-amz-meta-a': 'forged' }
      const forged = await fetch(put.url, { method: 'PUT', headers: other, body: 'forged' })
      expect(forged.status).toBe(403)
      expect(await contentOf(driver, name, key)).toBe('hello')

      const got = await signing.presignGet(name, key, { expiresInSeconds: 60 })
      expect(await (await fetch(got.url)).text()).toBe('hello')
    })

    test('an address is for its key only', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      await driver.put(name, 'secret', bytes('secret'))
      const { url } = await driver.presignGet(name, 'public', { expiresInSeconds: 60 })
      expect((await fetch(url.replace('/public?', '/secret?'))).status).toBe(403)
    })

    test('a time that no store allows is refused', async () => {
      const { driver } = get()
      for (const expiresInSeconds of [0, -1, 1.5, 604_801]) {
        expect(await kindOf(driver.presignGet('bucket', 'k', { expiresInSeconds }))).toBe('refused')
      }
      expect(await kindOf(driver.presignGet('bucket', '\ud800', { expiresInSeconds: 1 }))).toBe('bad-key')
    })
  })
}
