import { expect, test } from 'vitest'
import { isObjectKey } from '../../../server/domain/object-key.ts'

test.each(['a', 'dir/x y+ü', '..', ' ', '\u0001', 'x'.repeat(1024), 'ü'.repeat(512)])('%j is a key', (key) => {
  expect(isObjectKey(key)).toBe(true)
})

test.each(['', 'a\0', '\ud800', 'x'.repeat(1025), 'ü'.repeat(513)])('%j is none', (key) => {
  expect(isObjectKey(key)).toBe(false)
})
