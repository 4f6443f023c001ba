import { buffer } from 'node:stream/consumers'
import { describe, expect } from 'vitest'
import { bytes, kindOf, mib, type Suite, uploadParts } from './store-under-test.ts'

export function describeMultipart({ get, test }: Suite): void {
  describe('objects in parts', () => {
    test('unequal parts are told with their sizes and given one by one', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const sizes = [5 * mib, 6 * mib + 13, 5 * mib + 1, 9]
      const { etag, etagIsDigest } = await uploadParts(driver, name, 'k', sizes)
      expect(etag).toMatch(/^[0-9a-f]{32}-4$/)
      expect(etagIsDigest).toBe(true)
      expect(await driver.parts(name, 'k')).toEqual(sizes)
      const { head, length, body } = await driver.open(name, 'k', { partNumber: 2, ifMatch: etag })
      const whole = sizes.reduce((sum, size) => sum + size, 0)
      expect({ length, size: head.size, parts: head.partCount }).toEqual({ length: sizes[1], size: whole, parts: 4 })
      expect(await buffer(body)).toHaveLength(sizes[1] ?? 0)
      expect((await driver.head(name, 'k'))?.metadata).toMatchObject({ 'x-amz-meta-made': 'in parts' })
    })

    test('an object that was written at once has no parts', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      await driver.put(name, 'k', bytes('v'))
      expect(await driver.parts(name, 'k')).toBeNull()
    })

    test('an upload that is taken back leaves nothing, and taking it back twice is fine', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const uploadId = await driver.createUpload(name, 'k')
      const part = { uploadId, partNumber: 1, ...bytes('v') }
      const { etag } = await driver.uploadPart(name, 'k', part)
      await driver.abortUpload(name, 'k', uploadId)
      await driver.abortUpload(name, 'k', uploadId)
      expect(await kindOf(driver.uploadPart(name, 'k', part))).toBe('no-such-upload')
      const parts = [{ partNumber: 1, etag }]
      expect(await kindOf(driver.completeUpload(name, 'k', { uploadId, parts }))).toBe('no-such-upload')
      expect(await driver.head(name, 'k')).toBeNull()
      await driver.deleteBucket(name)
    })

    test('the parts of an upload that is not done are told, and anyone may send one to its address', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const key = 'dir/ü +%.bin'
      const uploadId = await driver.createUpload(name, key)
      expect(await driver.uploadedParts(name, key, uploadId)).toEqual([])
      const size = 5 * mib
      const { etag } = await driver.uploadPart(name, key, { uploadId, partNumber: 3, body: Buffer.alloc(size), size })
      const address = await driver.presignPart(name, key, { uploadId, partNumber: 1, expiresInSeconds: 60 })
      const sent = await fetch(address.url, { method: address.method, body: Buffer.alloc(size) })
      expect(sent.status).toBe(200)
      const found = await driver.uploadedParts(name, key, uploadId)
      expect(found.map((part) => [part.partNumber, part.size])).toEqual([
        [1, size],
        [3, size],
      ])
      expect(found[1]?.etag).toBe(etag)
      await driver.abortUpload(name, key, uploadId)
      expect(await kindOf(driver.uploadedParts(name, key, uploadId))).toBe('no-such-upload')
      await driver.deleteBucket(name)
    })

    test('a part that is too small for its place is a bad layout', async () => {
      const { driver, bucket } = get()
      expect(await kindOf(uploadParts(driver, await bucket(), 'k', [100, 100]))).toBe('bad-layout')
    })
  })
}
