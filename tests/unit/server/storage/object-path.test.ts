import { expect, test } from 'vitest'
import { objectPath, queryString } from '../../../../server/storage/object-path.ts'

test('keys are encoded segment by segment, as signatures demand', () => {
  expect(objectPath(null, null)).toBe('/')
  expect(objectPath('bucket', null)).toBe('/bucket')
  expect(objectPath('bucket', "a b/ü+!'()*/~.x/")).toBe('/bucket/a%20b/%C3%BC%2B%21%27%28%29%2A/~.x/')
  expect(queryString({ prefix: 'a b&c', 'list-type': '2' })).toBe('list-type=2&prefix=a%20b%26c')
})

test.for(['', '.', '..', 'a/..', '../a', 'a/./b', 'a/../b', 'nul\0', '\ud800', 'k'.repeat(1_025), 'ü'.repeat(513)])(
  'the key %j never reaches a store',
  (key) => {
    expect(() => objectPath('bucket', key)).toThrow(expect.objectContaining({ kind: 'bad-key' }))
  },
)

test.for(['...', 'a..b', '.hidden', 'a/.b', 'a//b', '/lead', 'k'.repeat(1_024), 'ü'.repeat(512)])(
  'the key %j is one like others',
  (key) => {
    expect(objectPath('bucket', key)).toMatch(/^\/bucket\//)
  },
)
