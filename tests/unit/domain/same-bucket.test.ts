import { expect, test } from 'vitest'
import { hasRecordedDate, judgeByContent, speaksForBucket } from '../../../server/domain/same-bucket.ts'

test('a date tells the same bucket up to what stores and columns round; none recorded tells nothing against it', () => {
  expect(hasRecordedDate(1_000, null)).toBe(true)
  expect(hasRecordedDate(1_000, 1_001)).toBe(true)
  expect(hasRecordedDate(1_000, 1_002)).toBe(false)
})

test.each([
  ['half of the known objects are there as they are known', { asked: 4, found: 2 }, 'moved'],
  ['fewer are', { asked: 4, found: 1 }, 'other'],
  ['nothing is known', { asked: 0, found: 0 }, 'untold'],
])('under another date a bucket of which %s: %o: %s', (_what, seen, verdict) => {
  expect(judgeByContent(seen)).toBe(verdict)
})

const known = { key: 'k', etag: 'a', lastModified: 1_500 }

test.each([
  ['it is as it is known', known, { etag: 'a', lastModified: 1_000 }, { steady: true, moving: true }],
  ['it is gone', known, null, { steady: false, moving: false }],
  [
    'it was written since, in the second in which it was seen',
    known,
    { etag: 'b', lastModified: 1_000 },
    { steady: false, moving: true },
  ],
  ['another one is older', known, { etag: 'b', lastModified: 0 }, { steady: false, moving: false }],
  [
    'FaDO alone writes there',
    { ...known, lastModified: null },
    { etag: 'b', lastModified: 9_000 },
    { steady: false, moving: false },
  ],
])(
  'an object speaks for its bucket, where dates are steady and where they move: %s',
  (_what, object, found, speaks) => {
    expect(speaksForBucket(object, found, false)).toBe(speaks.steady)
    expect(speaksForBucket(object, found, true)).toBe(speaks.moving)
  },
)
