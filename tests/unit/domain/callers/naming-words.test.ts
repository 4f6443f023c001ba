import { expect, test } from 'vitest'
import { namingWords } from '../../../../server/domain/callers/naming-words.ts'

test.for([
  [{ all: false, buckets: 0, some: [] }, ''],
  [{ all: true, buckets: 0, some: [] }, 'all buckets'],
  [{ all: false, buckets: 1, some: ['photos'] }, 'photos'],
  [{ all: true, buckets: 3, some: ['a', 'b', 'c'] }, 'all buckets, a, b and c'],
  [{ all: true, buckets: 12, some: ['a', 'b', 'c', 'd'] }, 'all buckets, a, b, c and 9 more'],
] as const)('%o is said as %s', ([naming, words]) => {
  expect(namingWords(naming)).toBe(words)
})
