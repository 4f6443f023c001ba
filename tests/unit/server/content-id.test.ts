import { expect, test } from 'vitest'
import { contentId } from '../../../server/content-id.ts'

test('equal content has one id, whatever the order of its keys', () => {
  expect(contentId({ a: 1, b: { c: [1, 2], d: null } })).toBe(contentId({ b: { d: null, c: [1, 2] }, a: 1 }))
})

test('a member that is undefined is as good as absent', () => {
  expect(contentId({ a: 1, b: undefined })).toBe(contentId({ a: 1 }))
})

test('different content has different ids; the order of a list is content', () => {
  const ids = [{}, [], null, undefined, '', 0, { a: 1 }, { a: '1' }, [1, 2], [2, 1], { a: [1, 2] }].map(contentId)
  expect(new Set(ids).size).toBe(ids.length)
})

test('keys that look like numbers do not change the result', () => {
  expect(contentId({ 2: 'b', 10: 'a', x: 1 })).toBe(contentId({ x: 1, 10: 'a', 2: 'b' }))
})

test('an id is 16 characters that need no escaping', () => {
  expect(contentId({ any: 'thing' })).toMatch(/^[A-Za-z0-9_-]{16}$/)
})
