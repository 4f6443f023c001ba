import { describe, expect } from 'vitest'
import { bytes, kindOf, type Suite } from './store-under-test.ts'

const odd = 'a b/ü+%&<>"\''

export function describeExisting({ get, test }: Suite): void {
  describe('what is there already', () => {
    test('a plain bucket has nothing that a replica would lack, or says that it does not tell', async () => {
      const { driver, bucket } = get()
      const settings = await driver.settings(await bucket())
      const plain = {
        versioning: { versions: 'none', objectLock: false, defaultRetention: null },
        lifecycle: { rules: 0, expires: false },
        policy: false,
        encryption: null,
        replication: [],
        notifications: { others: 0, fado: false },
        requesterPays: false,
      }
      for (const [name, value] of Object.entries(settings))
        if (value !== 'unknown') expect(value, name).toEqual(plain[name as keyof typeof plain])
    })

    test('the settings of a bucket that is not there are none, and a cancelled question is cancelled', async () => {
      const { driver, bucket } = get()
      expect(await kindOf(driver.settings('test-not-there'))).toBe('no-such-bucket')
      expect(await kindOf(driver.settings(await bucket(), { signal: AbortSignal.abort() }))).toBe('aborted')
    })

    test('an object is given these headers and tags and no others, and keeps its bytes', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const before = { 'content-type': 'text/x', 'x-amz-meta-old': '1' }
      const { etag } = await driver.put(name, odd, {
        ...bytes('hello'),
        metadata: before,
        tags: [{ key: 'a', value: 'b' }],
      })
      const metadata = { 'content-type': 'image/png', 'cache-control': 'no-store', 'x-amz-meta-new': '2' }
      const amended = await driver.amend(name, odd, { metadata, tags: [{ key: 'c', value: 'd e' }], ifMatch: etag })
      const head = await driver.head(name, odd)
      expect(head).toMatchObject({ etag: amended.etag, size: 5, metadata, tagCount: 1 })
      expect(await driver.getTags(name, odd)).toEqual([{ key: 'c', value: 'd e' }])
      await driver.amend(name, odd, { metadata, tags: [], ifMatch: amended.etag })
      expect((await driver.head(name, odd))?.tagCount).toBe(0)
    })

    test('one that is another by now, or gone, is left', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      await driver.put(name, 'k', bytes('hello'))
      const change = { metadata: { 'content-type': 'image/png' }, tags: [], ifMatch: '0'.repeat(32) }
      expect(await kindOf(driver.amend(name, 'k', change))).toBe('precondition-failed')
      expect((await driver.head(name, 'k'))?.metadata['content-type']).not.toBe('image/png')
      expect(['no-such-key', 'precondition-failed']).toContain(await kindOf(driver.amend(name, 'gone', change)))
    })
  })
}
