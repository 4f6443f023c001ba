import { describe, expect, test } from 'vitest'
import { parseRange } from '../../../../server/domain/object/byte-range.ts'
import { type Holder, rankHolders } from '../../../../server/domain/object/choose-holder.ts'
import { attachmentOf } from '../../../../server/domain/object/content-disposition.ts'
import { isNewSince, judgeUpload } from '../../../../server/domain/object/judge-upload.ts'
import { largestObject, mostParts, partCount, partSizeFor } from '../../../../server/domain/object/upload-plan.ts'

const mebi = 1024 * 1024

describe('an upload', () => {
  test.each([0, 1, 64 * mebi])('of %i bytes goes in one piece', (size) => expect(partSizeFor(size)).toBeNull())
  test.each([64 * mebi + 1, 160_000 * mebi, 160_000 * mebi + 1, 1e12, largestObject])(
    'of %i bytes goes in parts of whole mebibytes, in no more than S3 takes',
    (size) => {
      const part = partSizeFor(size) ?? 0
      expect(part % mebi).toBe(0)
      expect(part).toBeGreaterThanOrEqual(16 * mebi)
      expect(part).toBeLessThanOrEqual(5 * 1024 * mebi)
      expect(partCount(size, part)).toBeLessThanOrEqual(mostParts)
      expect(partCount(size, part) * part).toBeGreaterThanOrEqual(size)
    },
  )
  const claimed = { key: 'k', size: 5, etag: null }
  const found = { size: 5, etag: 'e', isNew: true }
  test.each([
    [claimed, null, 'missing'],
    [claimed, found, 'right'],
    [claimed, { ...found, isNew: null }, 'right'],
    [claimed, { ...found, isNew: false }, 'older'],
    [claimed, { ...found, size: 4 }, 'other_size'],
    [{ ...claimed, etag: 'e' }, found, 'right'],
    [{ ...claimed, etag: 'f' }, found, 'other_version'],
    [{ ...claimed, etag: 'f' }, { ...found, isNew: false, size: 1 }, 'other_version'],
  ] as const)('that says %j, of which the master has %j, is %s', (said, seen, verdict) =>
    expect(judgeUpload(said, seen).verdict).toBe(verdict),
  )
  test('is told by ages, each on its own clock', () => {
    expect(isNewSince({ lastModified: 1_000, serverDate: 11_000 }, 10_000)).toBe(true)
    expect(isNewSince({ lastModified: 1_000, serverDate: 11_000 }, 8_000)).toBe(true) // stores round to seconds
    expect(isNewSince({ lastModified: 1_000, serverDate: 11_000 }, 7_999)).toBe(false)
    expect(isNewSince({ lastModified: 1_000, serverDate: null }, 1)).toBeNull()
  })
})

test('an object is read from a store that answers, that browsers reach, and that knows the newest', () => {
  const holder = (store: string, more: Partial<Holder> = {}): Holder => ({
    ...{ storageId: store, store, isMaster: false, isHealthy: true, hasPublicEndpoint: false },
    ...more,
  })
  const all = [
    holder('b'),
    holder('a'),
    holder('public', { hasPublicEndpoint: true }),
    holder('master', { isMaster: true }),
    holder('down', { isHealthy: false, hasPublicEndpoint: true }),
  ]
  const names = (forBrowsers: boolean) => rankHolders(all, forBrowsers).map(({ store }) => store)
  expect(names(true)).toEqual(['public', 'master', 'a', 'b', 'down'])
  expect(names(false)).toEqual(['master', 'a', 'b', 'public', 'down'])
})

test.each([
  ['a.txt', `attachment; filename="a.txt"; filename*=UTF-8''a.txt`],
  ['dir/ü "x".txt', `attachment; filename="_ _x_.txt"; filename*=UTF-8''%C3%BC%20%22x%22.txt`],
  ['dir/', `attachment; filename="dir"; filename*=UTF-8''dir`],
  ['/', `attachment; filename="object"; filename*=UTF-8''object`],
  ["a\r\nx: y'", `attachment; filename="a__x_ y_"; filename*=UTF-8''a%0D%0Ax%3A%20y%27`],
])('%j is answered as a file', (key, wanted) => expect(attachmentOf(key)).toBe(wanted))

test('a range of nothing cannot be had', () => {
  expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable')
  expect(parseRange('bytes=-0', 5)).toBe('unsatisfiable')
  expect(parseRange('bytes=-9', 5)).toEqual({ start: 0, end: 4 })
  expect(parseRange('bytes=-', 5)).toBeNull()
})
