import { describe, expect, test } from 'vitest'
import { scanListPage } from '../../../../server/storage/list-scanner.ts'
import { StorageError } from '../../../../server/storage/storage-error.ts'

const entry = (key: string) =>
  `<Contents><Key>${key}</Key><LastModified>2026-11-24T22:10:19.152Z</LastModified>` +
  '<ETag>&#34;591b9d182a82cad6b0329067fb42572b-1&#34;</ETag><Size>4</Size><StorageClass>STANDARD</StorageClass></Contents>'

const page = (inner: string, more = '<IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>') =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>${inner}${more}</ListBucketResult>`

const keysOf = (xml: string) => scanListPage(xml).objects.map(({ key }) => key)

describe('a page of a listing', () => {
  test('gives each object with key, size, ETag and time', () => {
    expect(scanListPage(page(entry('a')))).toEqual({
      objects: [{ key: 'a', size: 4, etag: '591b9d182a82cad6b0329067fb42572b-1', lastModified: 1_795_558_219_152 }],
      next: null,
    })
  })

  test('is read in any order of fields', () => {
    const shuffled =
      '<Contents><Size>1</Size><ETag>"e"</ETag><Owner><ID>i</ID></Owner><LastModified>2026-11-24T22:10:19Z</LastModified><Key>k</Key></Contents>'
    expect(scanListPage(page(shuffled)).objects).toEqual([
      { key: 'k', size: 1, etag: 'e', lastModified: 1_795_558_219_000 },
    ])
  })

  test('keys are percent-decoded only when the answer says that they are encoded', () => {
    expect(keysOf(page(entry('a+b%2Fc%F0%9F%98%80')))).toEqual(['a b/c😀'])
    const plain = '<IsTruncated>false</IsTruncated><EncodingType></EncodingType>'
    expect(keysOf(page(entry('a+b%2Fc&amp;&lt;&#x1F600;'), plain))).toEqual(['a+b%2Fc&<😀'])
    expect(keysOf(page(entry('a%41'), '<IsTruncated>false</IsTruncated>'))).toEqual(['a%41'])
  })

  test('keys that look like numbers or markup stay what they are', () => {
    expect(keysOf(page(entry('00123') + entry('1e5') + entry('%3CKey%3Ek%3C%2FKey%3E')))).toEqual([
      '00123',
      '1e5',
      '<Key>k</Key>',
    ])
  })

  test('the next page is found before or after the objects, and unescaped', () => {
    const more = '<IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b[x]</NextContinuationToken>'
    expect(scanListPage(page(entry('a'), more)).next).toBe('a&b[x]')
    expect(scanListPage(page(more + entry('a'), '')).next).toBe('a&b[x]')
  })

  test('an empty bucket is an empty page', () => {
    expect(scanListPage(page(''))).toEqual({ objects: [], next: null })
  })

  const bomb = `<!DOCTYPE x [<!ENTITY a "${'b'.repeat(10)}">]>`
  test.for<[string, string]>([
    ['nothing', ''],
    ['HTML', '<html><body>Welcome</body></html>'],
    ['another document', '<ListAllMyBucketsResult></ListAllMyBucketsResult>'],
    ['a document that is cut', page(entry('a')).slice(0, -10)],
    ['an entry that is cut', page(`${entry('a')}<Contents><Key>b</Key>`)],
    ['two documents', page('') + page('')],
    ['no word on whether it is whole', page(entry('a'), '')],
    ['a further page without its name', page(entry('a'), '<IsTruncated>true</IsTruncated>')],
    ['an entry without a key', page('<Contents><Size>1</Size></Contents>')],
    ['a size that is none', page(entry('a').replace('<Size>4', '<Size>-4'))],
    ['a size beyond counting', page(entry('a').replace('<Size>4', `<Size>${'9'.repeat(20)}`))],
    ['a time that is none', page(entry('a').replace('2026', 'year'))],
    ['a key that is not UTF-8', page(entry('%FF'))],
    ['an unknown entity', page(entry('&bomb;'))],
    ['an entity beyond Unicode', page(entry('&#x110000;'))],
    ['a DOCTYPE', bomb + page(entry('a'))],
    ['CDATA', page(entry('<![CDATA[a]]>'))],
    ['a comment', page(`<!-- ${entry('a')} -->`)],
  ])('with %s is refused', ([, xml]) => {
    expect(() => scanListPage(xml)).toThrow(StorageError)
  })

  test('of megabytes of nested or repeated markup is done with in no time', () => {
    const started = performance.now()
    for (const part of ['<a>', '<Contents>', '<Contents><Key>', '</Contents>', '&amp;', '&', '<']) {
      const hostile = page(part.repeat(3_000_000 / part.length))
      try {
        scanListPage(hostile)
      } catch (error) {
        expect(error).toBeInstanceOf(StorageError)
      }
    }
    expect(performance.now() - started).toBeLessThan(4_000)
  })
})
