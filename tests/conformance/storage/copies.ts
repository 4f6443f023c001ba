import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, expect } from 'vitest'
import { copyObject } from '../../../server/storage/copy-object.ts'
import type { CopyRequest } from '../../../server/storage/copy-request.ts'
import type { StorageDriver } from '../../../server/storage/storage-driver.ts'
import type { ObjectHead } from '../../../server/storage/storage-values.ts'
import { bytes, contentOf, type GetStore, kindOf, listAll, mib, type Suite, uploadParts } from './store-under-test.ts'

/** Two buckets of the store, and a copy of `key` from the first to the second. */
async function copyCase(get: GetStore) {
  const { driver, bucket } = get()
  const [from, to] = [await bucket(), await bucket()]
  const request = (key: string, sourceEtag: string): CopyRequest => ({
    source: { driver, bucket: from },
    target: { driver, bucket: to },
    key,
    sourceEtag,
    condition: { ifNoneMatch: '*' },
  })
  return { driver, from, to, request }
}

/** The same store, telling something else about its objects. */
function telling(driver: StorageDriver, lie: (head: ObjectHead) => Partial<ObjectHead>): StorageDriver {
  return {
    ...driver,
    async open(bucket, key, { ifMatch: _, ...options } = {}) {
      const opened = await driver.open(bucket, key, options)
      return { ...opened, head: { ...opened.head, ...lie(opened.head) } }
    },
  }
}

/** The same store, which sends other bytes than it has the first times that it is asked for an object. */
function lyingAt(driver: StorageDriver, bucket: string, times: number): CopyRequest['source'] {
  let asked = 0
  const open: StorageDriver['open'] = async (...what) => {
    const opened = await driver.open(...what)
    if (++asked > times) return opened
    opened.body.destroy()
    return { ...opened, body: Readable.from([randomBytes(opened.length)]) }
  }
  return { driver: { ...driver, open }, bucket }
}

export function describeCopies({ get, test }: Suite): void {
  describe('copy', () => {
    test('bytes, headers and tags arrive, and the ETag proves it', async () => {
      const { driver, from, to, request } = await copyCase(get)
      const metadata = { 'content-type': 'a/b', 'cache-control': 'no-cache', 'x-amz-meta-a': 'b' }
      const tags = [{ key: 'k', value: 'v w' }]
      const body = randomBytes(3 * mib)
      const { etag } = await driver.put(from, 'k', { body, size: body.length, metadata, tags })
      let seen = 0
      const copy = { ...request('k', etag), onBytes: (count: number) => (seen += count) }
      expect(await copyObject(copy)).toMatchObject({
        outcome: 'copied',
        targetEtag: etag,
        bytes: body.length,
        verified: 'etag',
        tags,
        sourceHead: { metadata },
      })
      expect(seen).toBe(body.length)
      expect(await driver.head(to, 'k')).toMatchObject({ etag, metadata, tagCount: 1 })
      expect(await driver.getTags(to, 'k')).toEqual(tags)
    })

    test('an empty object and hostile keys are copied', async () => {
      const { driver, from, to, request } = await copyCase(get)
      for (const key of ['empty', 'a/ü +%2F&<>', 'c\u0001\n', '😀', 'folder/']) {
        const { etag } = await driver.put(from, key, bytes(key.endsWith('/') || key === 'empty' ? '' : key))
        expect(await copyObject(request(key, etag)), key).toMatchObject({ outcome: 'copied', verified: 'etag' })
        expect(await driver.head(to, key)).toMatchObject({ etag })
      }
    })

    test('unequal parts keep their layout, so the ETag stays', async () => {
      const { driver, from, to, request } = await copyCase(get)
      const sizes = [5 * mib, 7 * mib + 3, 6 * mib, 5 * mib, 9]
      const { etag } = await uploadParts(driver, from, 'k', sizes)
      const steps: (string | null)[] = []
      const beforeWrite = async ({ uploadId }: { uploadId: string | null }) => void steps.push(uploadId)
      const outcome = await copyObject({ ...request('k', etag), beforeWrite })
      expect(outcome).toMatchObject({ outcome: 'copied', targetEtag: etag, verified: 'etag' })
      expect(await driver.parts(to, 'k')).toEqual(sizes)
      expect(await driver.head(to, 'k')).toMatchObject({ metadata: { 'x-amz-meta-made': 'in parts' } })
      // Create, five parts, complete: asked before each, and the upload is named from its first part on.
      expect(steps).toHaveLength(7)
      expect(steps[0]).toBeNull()
      expect(new Set(steps.slice(1)).size).toBe(1)
    })

    test('one part, or none, is a layout too', async () => {
      const { driver, from, request } = await copyCase(get)
      for (const [key, size] of [['one', 5] as const, ['none', 0] as const]) {
        const { etag } = await uploadParts(driver, from, key, [size])
        expect(await copyObject(request(key, etag)), key).toMatchObject({ outcome: 'copied', verified: 'etag' })
      }
    })

    test('a source or a target that is not what the caller saw ends it before anything is written', async () => {
      const { driver, from, to, request } = await copyCase(get)
      expect(await copyObject(request('k', '0'.repeat(32)))).toEqual({ outcome: 'source-gone' })
      const { etag } = await driver.put(from, 'k', bytes('new'))
      expect(await copyObject(request('k', '0'.repeat(32)))).toEqual({ outcome: 'source-changed' })
      expect(await listAll(driver, to)).toEqual([])
      const large = randomBytes(20 * mib)
      const { etag: largeEtag } = await driver.put(from, 'large', { body: large, size: large.length })
      for (const key of ['k', 'large']) await driver.put(to, key, bytes('foreign'))
      expect(await copyObject(request('k', etag))).toEqual({ outcome: 'target-changed' })
      expect(await copyObject(request('large', largeEtag))).toEqual({ outcome: 'target-changed' })
      for (const key of ['k', 'large']) expect(await contentOf(driver, to, key)).toBe('foreign')
      const foreign = (await driver.head(to, 'k'))?.etag ?? ''
      expect(await copyObject({ ...request('k', etag), condition: { ifMatch: foreign } })).toMatchObject({
        outcome: 'copied',
      })
    })

    test('a source in parts that has fewer of them in the midst of its copy has changed', async () => {
      const { driver, from, to, request } = await copyCase(get)
      const { etag } = await uploadParts(driver, from, 'k', [5 * mib, 5 * mib, 9])
      let opened = 0
      const overwritten: StorageDriver = {
        ...driver,
        async open(bucket, key, options = {}) {
          if (++opened === 2) await driver.put(bucket, key, bytes('one piece'))
          return driver.open(bucket, key, options)
        },
      }
      const source = { driver: overwritten, bucket: from }
      const { outcome } = await copyObject({ ...request('k', etag), source })
      // What a store that tells no parts gives in one piece, is whole.
      expect(outcome).toBe(opened === 1 ? 'copied' : 'source-changed')
      expect((await driver.head(to, 'k'))?.size).toBe(opened === 1 ? 10 * mib + 9 : undefined)
    })

    test('an ETag that is no digest of the bytes is not taken for one: what was read is measured', async () => {
      const { driver, from, to, request } = await copyCase(get)
      const fake = '0123456789abcdef0123456789abcdef'
      await driver.put(from, 'k', bytes('content'))
      for (const etagIsDigest of [true, false]) {
        const source = { driver: telling(driver, () => ({ etag: fake, etagIsDigest })), bucket: from }
        expect(await copyObject({ ...request('k', fake), source })).toMatchObject({
          outcome: 'copied',
          verified: 'md5',
        })
        expect(await contentOf(driver, to, 'k')).toBe('content')
        await driver.delete(to, 'k')
      }
    })

    test('a source whose bytes are other ones each time is not copied: two reads must agree before its ETag is none', async () => {
      const { driver, from, to, request } = await copyCase(get)
      const body = randomBytes(mib)
      const { etag } = await driver.put(from, 'k', { body, size: body.length })
      expect(await kindOf(copyObject({ ...request('k', etag), source: lyingAt(driver, from, 3) }))).toBe('bad-digest')
      expect(await driver.head(to, 'k')).toBeNull()
      // One that comes wrong once is right in the end.
      expect(await copyObject({ ...request('k', etag), source: lyingAt(driver, from, 1) })).toMatchObject({
        outcome: 'copied',
        targetEtag: etag,
        verified: 'etag',
      })
    })

    test('parts that are other ones each time are not put together', async () => {
      const { driver, from, to, request } = await copyCase(get)
      const { etag } = await uploadParts(driver, from, 'k', [5 * mib, 9])
      expect(await kindOf(copyObject({ ...request('k', etag), source: lyingAt(driver, from, 4) }))).toBe('bad-digest')
      expect(await driver.head(to, 'k')).toBeNull()
      expect(await copyObject({ ...request('k', etag), source: lyingAt(driver, from, 1) })).toMatchObject({
        outcome: 'copied',
        targetEtag: etag,
        verified: 'etag',
      })
    })

    test('an ETag that digests other parts is found out before the copy is completed', async () => {
      const { driver, from, to, request } = await copyCase(get)
      await uploadParts(driver, from, 'k', [5 * mib, 9])
      const fake = '0123456789abcdef0123456789abcdef-2'
      const source = { driver: telling(driver, () => ({ etag: fake })), bucket: from }
      const uploads = new Set<string>()
      const beforeWrite = async ({ uploadId }: { uploadId: string | null }) => {
        if (uploadId !== null) uploads.add(uploadId)
      }
      const outcome = await copyObject({ ...request('k', fake), source, beforeWrite })
      expect(outcome).toMatchObject({ outcome: 'copied', verified: 'md5' })
      expect(await driver.parts(to, 'k')).toEqual([5 * mib, 9])
      const [first, second] = uploads
      expect(second).toBeDefined()
      const part = { uploadId: first ?? '', partNumber: 1, ...bytes('x') }
      expect(await kindOf(driver.uploadPart(to, 'k', part))).toBe('no-such-upload')
    })

    test('an object whose parts the store does not tell is cut anew, and measured', async () => {
      const { driver, from, to, request } = await copyCase(get)
      const sizes = [40 * mib, 30 * mib]
      const { etag } = await uploadParts(driver, from, 'k', sizes)
      const source = { driver: telling(driver, () => ({ partCount: null })), bucket: from }
      const outcome = await copyObject({ ...request('k', etag), source })
      expect(outcome).toMatchObject({ outcome: 'copied', verified: 'md5', bytes: 70 * mib })
      expect(await driver.parts(to, 'k')).toEqual([64 * mib, 6 * mib])
    })

    test('bytes of an object in parts are not taken from a store that does not tell these: nothing is sent', async () => {
      const { driver, from, to, request } = await copyCase(get)
      const { etag } = await uploadParts(driver, from, 'k', [5 * mib, 7])
      const head = await driver.head(from, 'k')
      if (head === null) throw new Error('it is not there')
      const source = { driver: telling(driver, () => ({ partCount: null })), bucket: from }
      const beforeWrite = () => Promise.reject(new Error('it is about to be written'))
      const lent = { ...request('k', etag), source, version: { head, tags: [] }, beforeWrite }
      expect(await copyObject(lent)).toEqual({ outcome: 'source-changed' })
      expect(await driver.head(to, 'k')).toBeNull()
    })

    test('a copy that is cancelled, or stopped before a write, leaves no object and no upload', async () => {
      const { driver, from, to, request } = await copyCase(get)
      const { etag } = await uploadParts(driver, from, 'k', [5 * mib, 5 * mib, 5 * mib])
      const stop = new AbortController()
      let bytesSeen = 0
      const onBytes = (count: number) => {
        bytesSeen += count
        if (bytesSeen > mib) stop.abort()
      }
      expect(await kindOf(copyObject({ ...request('k', etag), signal: stop.signal, onBytes }))).toBe('aborted')
      const failure = new Error('not wanted any more')
      let upload = ''
      const beforeWrite = async ({ uploadId }: { uploadId: string | null }) => {
        upload = uploadId ?? ''
        if (uploadId !== null) throw failure
      }
      await expect(copyObject({ ...request('k', etag), beforeWrite })).rejects.toBe(failure)
      const part = { uploadId: upload, partNumber: 1, ...bytes('x') }
      expect(await kindOf(driver.uploadPart(to, 'k', part))).toBe('no-such-upload')
      expect(await driver.head(to, 'k')).toBeNull()
      await driver.deleteBucket(to)
    })

    test('a copy that was cut off is gone on with: what the target has is not sent again, unless it is wrong', async () => {
      const { driver, from, to, request } = await copyCase(get)
      const sizes = [5 * mib, 5 * mib, 6 * mib, 9]
      const { etag } = await uploadParts(driver, from, 'k', sizes)
      const resume = await driver.createUpload(to, 'k')
      for (const partNumber of [1, 3]) {
        const { body, length } = await driver.open(from, 'k', { partNumber })
        await driver.uploadPart(to, 'k', { uploadId: resume, partNumber, body, size: length })
      }
      let bytesSeen = 0
      const onBytes = (count: number) => {
        bytesSeen += count
      }
      expect(await copyObject({ ...request('k', etag), resume, onBytes })).toMatchObject({
        outcome: 'copied',
        verified: 'etag',
      })
      expect(bytesSeen).toBeLessThanOrEqual(5 * mib + 9 + 65_536) // the first part may have begun to come before it was left

      await driver.delete(to, 'k')
      const wrong = await driver.createUpload(to, 'k')
      const other = randomBytes(5 * mib)
      await driver.uploadPart(to, 'k', { uploadId: wrong, partNumber: 1, body: other, size: other.length })
      expect(await copyObject({ ...request('k', etag), resume: wrong })).toMatchObject({
        outcome: 'copied',
        targetEtag: etag,
      })
      expect(await kindOf(driver.uploadedParts(to, 'k', wrong))).toBe('no-such-upload')
      await driver.delete(to, 'k')
      expect(await copyObject({ ...request('k', etag), resume: wrong }), 'it is gone').toMatchObject({
        targetEtag: etag,
      })
    })

    test('a copy that fails leaves its upload only where it may be gone on with', async () => {
      const { driver, from, to, request } = await copyCase(get)
      const { etag } = await uploadParts(driver, from, 'k', [5 * mib, 9])
      for (const keeps of [true, false]) {
        let upload = ''
        const failure = new Error('cut off')
        const beforeWrite = async ({ uploadId }: { uploadId: string | null }) => {
          upload = uploadId ?? ''
          if (uploadId !== null) throw failure
        }
        const keepsUpload = (error: unknown) => keeps && error === failure
        await expect(copyObject({ ...request('k', etag), beforeWrite, keepsUpload })).rejects.toBe(failure)
        const left = driver.uploadedParts(to, 'k', upload)
        if (keeps) expect(await left).toEqual([])
        else expect(await kindOf(left)).toBe('no-such-upload')
        await driver.abortUpload(to, 'k', upload)
      }
    })

    test('a target that goes away is an error, not an outcome', async () => {
      const { driver, from, request } = await copyCase(get)
      const { etag } = await driver.put(from, 'k', bytes('v'))
      const target = { driver, bucket: 'test-not-there' }
      expect(await kindOf(copyObject({ ...request('k', etag), target }))).toBe('no-such-bucket')
    })
  })
}
