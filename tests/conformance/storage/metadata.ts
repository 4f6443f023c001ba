import { createHash } from 'node:crypto'
import { describe, expect } from 'vitest'
import { copyObject } from '../../../server/storage/copy-object.ts'
import { bytes, kindOf, type Suite, uploadParts } from './store-under-test.ts'

const octets = (text: string) => Buffer.from(text, 'utf8').toString('latin1')

/** White space that some stores squeeze before they check a signature and others do not, one and several, in all places. */
const oddSpaces = ['\u00a0', '\u202f', '\u3000', '\u0085', '\u2028', '\u00a0\u00a0', ' \u2003 ', '  '].map(
  (s) => `9.41${s}AM`,
)

const values = {
  short: 'я'.repeat(5),
  'near the limit': 'я'.repeat(900),
  latin: 'naïve café',
  'with marks': 'naïve "café", (a_b) = 100 %? é',
  words: `${'é'.repeat(11)} ${'ab_c '.repeat(30)}😀`,
  base64: `(${'é😀'.repeat(40)})`,
  'written as a word': '=?UTF-8?b?w7Y=?=',
  'written as another word': '=?utf-8?q?=C3=B6?=',
  ...Object.fromEntries(oddSpaces.map((value) => [JSON.stringify(value), value])),
}

export function describeMetadata({ get, test }: Suite): void {
  describe('metadata', () => {
    test('white space of any kind in a header is carried as it is', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      for (const value of oddSpaces) {
        const metadata = { 'content-disposition': `attachment; filename="${octets(value)}"` }
        await driver.put(name, 'k', { ...bytes('v'), metadata })
        // A store may squeeze blanks, but nothing else.
        const told = (await driver.head(name, 'k'))?.metadata['content-disposition']?.replace(/ +/g, ' ')
        expect(told).toBe(metadata['content-disposition'].replace(/ +/g, ' '))
      }
    })

    for (const [what, value] of Object.entries(values))
      test(`user metadata (${what}) is on the copy and on its copy as it is told`, async () => {
        const { driver, bucket } = get()
        const [from, to, last] = [await bucket(), await bucket(), await bucket()]
        const metadata = { 'x-amz-meta-title': octets(value) }
        const { etag } = await driver.put(from, 'k', { ...bytes('v'), metadata })
        const copy = { key: 'k', sourceEtag: etag }
        await copyObject({ ...copy, source: { driver, bucket: from }, target: { driver, bucket: to } })
        await copyObject({ ...copy, source: { driver, bucket: to }, target: { driver, bucket: last } })
        const told = (await driver.head(from, 'k'))?.metadata
        expect((await driver.head(to, 'k'))?.metadata).toEqual(told)
        expect((await driver.head(last, 'k'))?.metadata).toEqual(told)
        expect(told?.['x-amz-meta-title']).not.toBe('')
      })

    test('as many and as long tags as an object may have are copied, whole or in parts', async () => {
      const { driver, bucket } = get()
      const [from, to] = [await bucket(), await bucket()]
      // Each of these characters takes three in a header.
      const long = (i: number, length: number) => `${i}${'/:=+@ '.repeat(60)}`.slice(0, length - 1)
      const tags = Array.from({ length: 10 }, (_, i) => ({
        key: `${long(i, 127)}k`,
        value: `${long(i, 255)}v`,
      }))
      const whole = await driver.put(from, 'whole', bytes('v'))
      const inParts = await uploadParts(driver, from, 'parts', [5])
      for (const key of ['whole', 'parts']) await driver.putTags(from, key, tags)
      for (const [key, { etag }] of [
        ['whole', whole],
        ['parts', inParts],
      ] as const) {
        const ends = { source: { driver, bucket: from }, target: { driver, bucket: to } }
        expect(await copyObject({ ...ends, key, sourceEtag: etag })).toMatchObject({ outcome: 'copied', tags })
        expect(await driver.getTags(to, key)).toEqual(tags)
      }
    })

    test('metadata that is too long for the store is said of the object', async () => {
      const { driver, bucket } = get()
      const metadata = { 'x-amz-meta-title': 'a'.repeat(3_000) }
      expect(await kindOf(driver.put(await bucket(), 'k', { ...bytes('v'), metadata }))).toBe('bad-metadata')
    })

    test('tags and metadata that cannot be are said of the object', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      await driver.put(name, 'k', bytes('v'))
      const twice = [1, 2].map((i) => ({ key: 'same', value: String(i) }))
      expect(await kindOf(driver.putTags(name, 'k', twice))).toBe('bad-metadata')
      expect(await driver.getTags(name, 'k')).toEqual([])
      const metadata = { 'x-amz-meta-title': 'a\u0001b' }
      expect(await kindOf(driver.put(name, 'k', { ...bytes('v'), metadata }))).toBe('bad-metadata')
    })

    test('an object that is stored packed comes packed, and its HEAD says so', async () => {
      const { driver, bucket } = get()
      const name = await bucket()
      const metadata = { 'content-encoding': 'gzip', 'content-type': 'text/plain' }
      const body = bytes('not even gzip: the store may not look'.repeat(100))
      await driver.put(name, 'packed', { ...body, metadata })
      await driver.put(name, 'plain', { ...body, metadata: { 'content-type': 'text/plain' } })
      for (const [key, coding] of [
        ['packed', 'gzip'],
        ['plain', ''],
      ] as const) {
        const head = await driver.head(name, key)
        expect(head).toMatchObject({ size: body.size, etag: createHash('md5').update(body.body).digest('hex') })
        const opened = await driver.open(name, key, { coding })
        opened.body.destroy()
        expect(opened.head.metadata).toEqual(head?.metadata)
      }
      expect(await kindOf(driver.open(name, 'plain', { coding: 'gzip' }))).toBe('altered')
    })
  })
}
