import { createHash, randomBytes } from 'node:crypto'
import { buffer, text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { mayBeOfWrite } from '../../../server/replication/keys/carried.ts'
import { hostileKeys } from './hostile-keys.ts'
import { brokenBody, bytes, contentOf, kindOf, listAll, mib, type Suite } from './store-under-test.ts'

const metadata = {
  'content-type': 'text/x-test; charset=utf-8',
  'content-encoding': 'gzip',
  'content-language': 'de',
  'content-disposition': 'attachment; filename="a b.txt"',
  'cache-control': 'max-age=3, no-transform',
  expires: 'Wed, 21 Oct 2026 07:28:00 GMT',
  'x-amz-meta-one': 'a  b',
  'x-amz-meta-two': '',
}

/** In a test's name. */
const shown = (key: string) => JSON.stringify(key.length > 30 ? `${key.slice(0, 25)}… of ${key.length}` : key)

export function describeObjects({ get, test }: Suite): void {
  describe('objects', () => {
    test('bytes, carried headers and tags come back as they were written', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const body = randomBytes(100_000)
      const tags = [
        { key: 'a b', value: '+= /' },
        { key: 'z', value: '' },
      ]
      const { etag } = await driver.put(name, 'k', { body, size: body.length, metadata, tags })
      expect(etag).toBe(createHash('md5').update(body).digest('hex'))
      const { head, length, body: read } = await driver.open(name, 'k', { ifMatch: etag })
      expect(body.equals(await buffer(read))).toBe(true)
      expect(length).toBe(body.length)
      expect(head).toMatchObject({ key: 'k', size: body.length, etag, etagIsDigest: true, tagCount: 2 })
      expect(head.metadata).toEqual({ ...metadata, 'x-amz-meta-one': expect.stringMatching(/^a +b$/) })
      expect(await driver.head(name, 'k')).toEqual({ ...head, serverDate: expect.any(Number) })
      expect(await driver.getTags(name, 'k')).toEqual(tags)
    })

    test('an object is of the second in which the answer to its write was given, or of one before', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      // At many places of a second: a store may look at its clock more rarely than it writes.
      for (let i = 0; i < 20; i++) {
        const { serverDate } = await driver.put(name, 'k', bytes(String(i)))
        const { lastModified } = (await driver.head(name, 'k')) ?? { lastModified: 0 }
        expect(mayBeOfWrite(lastModified, serverDate)).toBe(true)
        await setTimeout(60)
      }
    })

    test('an empty object is an object', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      await driver.put(name, 'empty', bytes(''))
      expect(await driver.head(name, 'empty')).toMatchObject({ size: 0 })
      expect(await contentOf(driver, name, 'empty')).toBe('')
      expect(await driver.getTags(name, 'empty')).toEqual([])
    })

    test('metadata beyond ASCII is the same after a second copy as after the first', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const octets = Buffer.from('ü😀 =?x?=').toString('latin1')
      await driver.put(name, 'first', { ...bytes('v'), metadata: { 'x-amz-meta-n': octets } })
      const first = (await driver.head(name, 'first'))?.metadata ?? {}
      await driver.put(name, 'second', { ...bytes('v'), metadata: first })
      const second = (await driver.head(name, 'second'))?.metadata
      expect(second).toEqual(first)
      expect(first['x-amz-meta-n']).not.toBe('')
    })

    for (const key of hostileKeys)
      test(`the key ${shown(key)} is kept to the letter or refused as one that cannot be`, async () => {
        const { driver, bucket } = get()
        const name = await bucket()
        const written = await driver.put(name, key, bytes(`of ${key}`)).then(
          () => true,
          (error: unknown) => error,
        )
        if (written !== true) {
          expect(await kindOf(Promise.reject(written))).toBe('bad-key')
          expect(await listAll(driver, name)).toEqual([])
          return
        }
        expect(await contentOf(driver, name, key)).toBe(`of ${key}`)
        expect(await driver.head(name, key)).toMatchObject({ key })
        const listed = (await listAll(driver, name)).map((object) => object.key)
        // MinIO drops a slash at the beginning, versitygw doubled ones: the same object under two names.
        const normalised = [key, key.replace(/^\//, ''), key.replaceAll('//', '/')]
        expect(listed).toHaveLength(1)
        expect(normalised).toContain(listed[0])
        await driver.delete(name, key)
        expect(await driver.head(name, key)).toBeNull()
      })

    test('a small object is read at once, of a larger one than is worth reading only the head', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const body = randomBytes(100_000)
      await driver.put(name, 'k', { body, size: body.length, metadata })
      await driver.put(name, 'empty', bytes(''))
      const { head, body: opened } = await driver.open(name, 'k')
      opened.destroy()
      const read = await driver.read(name, 'k', { most: body.length })
      expect(read.bytes?.equals(body)).toBe(true)
      expect(read.head).toEqual({ ...head, serverDate: expect.any(Number) })
      expect(await driver.read(name, 'k', { most: body.length - 1 })).toEqual({ head: read.head, bytes: null })
      expect((await driver.read(name, 'empty', { most: 0 })).bytes).toHaveLength(0)
      expect(await kindOf(driver.read(name, 'nope', { most: 1 }))).toBe('no-such-key')
    })

    test('what is not there is null, or named', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      expect(await driver.head(name, 'nope')).toBeNull()
      expect(await kindOf(driver.open(name, 'nope'))).toBe('no-such-key')
      expect(await kindOf(driver.getTags(name, 'nope'))).toBe('no-such-key')
      await driver.delete(name, 'nope')
    })

    test('a range or another version than the one asked for is never given', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const { etag } = await driver.put(name, 'k', bytes('0123456789'))
      const { body, head, length } = await driver.open(name, 'k', { range: { start: 2, end: 5 }, ifMatch: etag })
      expect(await text(body)).toBe('2345')
      expect({ length, size: head.size }).toEqual({ length: 4, size: 10 })
      await driver.put(name, 'k', bytes('other'))
      expect(await kindOf(driver.open(name, 'k', { ifMatch: etag }))).toBe('precondition-failed')
    })

    test('other bytes than those announced are refused and leave nothing', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const md5 = createHash('md5').update('announced').digest('hex')
      expect(await kindOf(driver.put(name, 'k', { ...bytes('something'), md5 }))).toBe('bad-digest')
      expect(await kindOf(driver.put(name, 'k', { body: Buffer.from('short'), size: 9 }))).toBe('bad-digest')
      expect(await driver.head(name, 'k')).toBeNull()
      await driver.put(name, 'k', { ...bytes('announced'), md5 })
    })

    for (const [what, announced] of [
      ['whose MD5 was announced', { md5: createHash('md5').update('whole').digest('hex') }],
      ['of which only the length was announced', {}],
    ] as const)
      test(`a body ${what} that breaks off leaves nothing, and its own error is told`, async () => {
        const { driver, bucket } = get()
        const name = await bucket()
        const cause = new Error('the disk broke')
        const body = brokenBody(randomBytes(mib), cause)
        await expect(driver.put(name, 'k', { body, size: 2 * mib, ...announced })).rejects.toMatchObject({ cause })
        expect(await driver.head(name, 'k')).toBeNull()
      })

    test('cancelling ends reading and writing at once, and the driver goes on', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      await driver.put(name, 'k', { body: randomBytes(8 * mib), size: 8 * mib })
      const stop = new AbortController()
      const { body } = await driver.open(name, 'k', { signal: stop.signal })
      const written = driver.put(name, 'copy', { body, size: 8 * mib, signal: stop.signal })
      stop.abort(new Error('enough'))
      expect(await kindOf(written)).toBe('aborted')
      expect(body.destroyed).toBe(true)
      expect(await driver.head(name, 'copy')).toBeNull()
      const signal = AbortSignal.abort()
      expect(await kindOf(driver.head(name, 'k', { signal }))).toBe('aborted')
      expect(await kindOf(driver.listBuckets({ signal }))).toBe('aborted')
    })

    test('a reader that leaves in the middle does not hold up the next one', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      await driver.put(name, 'k', { body: randomBytes(4 * mib), size: 4 * mib })
      for (let i = 0; i < 100; i++) (await driver.open(name, 'k')).body.destroy()
      expect(await driver.head(name, 'k')).toMatchObject({ size: 4 * mib })
    })
  })
}
