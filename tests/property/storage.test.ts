import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isObjectKey } from '../../server/domain/object-key.ts'
import { compareKeys } from '../../server/storage/compare-keys.ts'
import { readEvents } from '../../server/storage/events/read-events.ts'
import { scanListPage } from '../../server/storage/list-scanner.ts'
import { withOurEntry, withoutOurEntry } from '../../server/storage/notification-config.ts'
import { isAskable, objectPath } from '../../server/storage/object-path.ts'
import { StorageError } from '../../server/storage/storage-error.ts'
import { escapeXml, unescapeXml } from '../../server/storage/xml.ts'

/** Any key that an object can have, what stores trip over more often than by chance. */
const key = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
    fc.string({ unit: fc.constantFrom(...'a/.+%&<> "\'\n\u0001\u007fé～😀\uffff'), minLength: 1, maxLength: 20 }),
  )
  .filter(isObjectKey)

/** As Go and AWS encode keys in a listing. */
const encodeListed = (text: string) => encodeURIComponent(text).replaceAll('%20', '+')

function listPage(keys: readonly string[], encode: (text: string) => string, type: string): string {
  const entries = keys.map(
    (each) =>
      `<Contents><Key>${encode(each)}</Key><LastModified>2026-01-01T00:00:00Z</LastModified><Size>1</Size></Contents>`,
  )
  return `<ListBucketResult><IsTruncated>false</IsTruncated>${entries.join('')}<EncodingType>${type}</EncodingType></ListBucketResult>`
}

test('any keys come out of a listing as they went in, percent-encoded or escaped', () => {
  fc.assert(
    fc.property(fc.array(key, { maxLength: 20 }), (keys) => {
      for (const [encode, type] of [
        [encodeListed, 'url'],
        [escapeXml, ''],
      ] as const) {
        expect(scanListPage(listPage(keys, encode, type)).objects.map((object) => object.key)).toEqual(keys)
      }
    }),
  )
})

test('any text survives being escaped and unescaped, and escaped has no markup', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(unescapeXml(escapeXml(text))).toBe(text)
      expect(escapeXml(text)).not.toMatch(/[<>"']/)
    }),
  )
})

test('any text given as a listing is a page or a StorageError', () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .array(
        fc.constantFrom(
          '<ListBucketResult>',
          '</ListBucketResult>',
          '<Contents>',
          '</Contents>',
          '<Key>',
          '</Key>',
          '&',
          ';',
          '<',
          '>',
          'x',
          '#x',
        ),
      )
      .map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(text, (xml) => {
      try {
        scanListPage(xml)
      } catch (error) {
        expect(error).toBeInstanceOf(StorageError)
      }
    }),
  )
})

test('keys are in the order of their UTF-8 bytes', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))))
    }),
  )
})

test('a path leads to its key and to no other, or is refused', () => {
  fc.assert(
    fc.property(key, (each) => {
      let path: string
      try {
        path = objectPath('bucket', each)
      } catch (error) {
        expect(error).toMatchObject({ name: 'StorageError', kind: 'bad-key' })
        return
      }
      const { pathname, search, hash } = new URL(path, 'http://store')
      expect(decodeURIComponent(pathname)).toBe(`/bucket/${each}`)
      expect(search + hash).toBe('')
    }),
  )
})

test('any key that a store can be asked for comes out of a webhook as the store escaped it', () => {
  fc.assert(
    fc.property(key.filter(isAskable), (each) => {
      const s3 = { bucket: { name: 'b' }, object: { key: encodeListed(each) } }
      expect(readEvents(JSON.stringify({ Records: [{ eventName: 's3:ObjectRemoved:Delete', s3 }] })).events).toEqual([
        { bucket: 'b', key: each, removed: true },
      ])
    }),
  )
})

test('any body of a webhook is events or nothing, never an exception', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
      expect(Array.isArray(readEvents(body).events)).toBe(true)
    }),
  )
})

test('our entry in, our entry out, and the notification configuration is what it was', () => {
  const entry = fc
    .record({ kind: fc.constantFrom('QueueConfiguration', 'TopicConfiguration'), id: fc.string(), filter: fc.string() })
    .map(({ kind, id, filter }) => `<${kind}><Id>x${escapeXml(id)}</Id><V>${escapeXml(filter)}</V></${kind}>`)
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const xml = `<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${entries.join('')}</NotificationConfiguration>`
      expect(withoutOurEntry(withOurEntry(xml))).toBe(xml)
    }),
  )
})
