import { expect, test } from 'vitest'
import { hasRecordedDate, judgeByContent } from '../../../server/domain/same-bucket.ts'

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
