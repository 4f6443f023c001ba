import { expect, test } from 'vitest'
import { headOf, writeResultOf } from '../../../../server/storage/object-headers.ts'

const whole = { etag: '"0f"', 'last-modified': 'Wed, 01 Jul 2026 12:00:00 GMT', 'content-length': '3' }
const answer = (lacking: keyof typeof whole) => new Map(Object.entries(whole).filter(([name]) => name !== lacking))

test.each([
  ['etag', 'no valid ETag, by which FaDO tells its versions. Write the object again through S3'],
  ['last-modified', 'no valid Last-Modified'],
  ['content-length', 'no valid Content-Length'],
] as const)('an answer without %s says that it lacks that', (name, said) => {
  expect(() => headOf('a/b', answer(name))).toThrow(
    `The store's answer does not describe an object ("a/b"): it has ${said}`,
  )
})

test('so does one to a write', () => {
  expect(() => writeResultOf('k', answer('etag'))).toThrow(/no valid ETag$/)
})
