import { expect, test } from 'vitest'
import { namingWords, withoutIt } from '../../../../server/domain/callers/naming-words.ts'

test.for([
  [{ all: false, buckets: 0, some: [] }, ''],
  [{ all: true, buckets: 0, some: [] }, 'all buckets'],
  [{ all: false, buckets: 1, some: ['photos'] }, 'photos'],
  [{ all: true, buckets: 3, some: ['a', 'b', 'c'] }, 'all buckets, a, b and c'],
  [{ all: true, buckets: 12, some: ['a', 'b', 'c', 'd'] }, 'all buckets, a, b, c and 9 more'],
] as const)('%o is said as %s', ([naming, words]) => {
  expect(namingWords(naming)).toBe(words)
})

test('of each bucket is said who may call there without the caller', () => {
  const values = (all: boolean, ...some: string[]) => ({ all, buckets: some.length, some })
  const nobody = { closed: '', others: '' }
  expect(withoutIt({ ...values(false), alone: values(false) })).toEqual(nobody)
  expect(withoutIt({ ...values(false, 'photos'), alone: values(false, 'photos') })).toEqual({
    closed: 'Without it nobody may call photos: the policy callers names no other caller that there is.',
    others: '',
  })
  expect(withoutIt({ ...values(true, 'photos', 'scans'), alone: values(false, 'photos') })).toEqual({
    closed: expect.stringMatching(/^Without it nobody may call photos:/),
    others: 'Without it the others that the policy callers names may call all buckets and scans.',
  })
  expect(
    withoutIt({ all: false, buckets: 12, some: ['a', 'b'], alone: { all: false, buckets: 11, some: ['a'] } }),
  ).toEqual({
    closed: expect.stringMatching(/^Without it nobody may call a and 10 more:/),
    others: 'Without it the others that the policy callers names may call b.',
  })
})
