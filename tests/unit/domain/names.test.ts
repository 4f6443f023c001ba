import { describe, expect, test } from 'vitest'
import { bucketNameOn, bucketNameProblem } from '../../../server/domain/bucket-name.ts'
import { counted, listOf } from '../../../server/domain/reason.ts'

describe('names of buckets', () => {
  test.each(['abc', 'rep-policy-demo', 'a.b.c', '0abc', 'a'.repeat(63)])('%s is taken', (name) =>
    expect(bucketNameProblem(name)).toBe(undefined),
  )
  test.each([
    '',
    'ab',
    'a'.repeat(64),
    'Photos',
    'a_b',
    '-abc',
    'abc-',
    'a..b',
    'a.-b',
    '192.168.0.1',
    'xn--abc',
    'abc-s3alias',
    'fado-probe-1',
    'a b c',
    'übung',
    'abc\n',
    '../etc',
    '__pin/x',
  ])('%j is refused with a reason', (name) => expect(bucketNameProblem(name)).toMatch(/^must/))
  test('a store may give a bucket another name', () => {
    expect(bucketNameOn('acme-{bucket}-eu', 'photos')).toBe('acme-photos-eu')
  })
})

test('lists read as sentences', () => {
  expect(listOf([])).toBe('')
  expect(listOf(['a'])).toBe('a')
  expect(listOf(['a', 'b', 'c'])).toBe('a, b and c')
  expect(listOf(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c, d and 2 more')
  expect(counted(1, 'replica')).toBe('1 replica')
  expect(counted(0, 'replica')).toBe('0 replicas')
})
