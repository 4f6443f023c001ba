import { expect, test } from 'vitest'
import { mayHold } from '../../../app/_lib/adoption.ts'

const page = (hasNextPage: boolean, ...names: readonly string[]) => ({
  nodes: names.map((name) => ({ name })),
  pageInfo: { hasNextPage },
})

test('only a store that named all its buckets, and not this one, does not have it', () => {
  expect(mayHold('photos', page(false, 'films', 'photos'))).toBe(true)
  expect(mayHold('photos', page(false, 'acme-photos'))).toBe(true)
  expect(mayHold('photos', page(false, 'films'))).toBe(false)
  expect(mayHold('photos', page(true, 'films'))).toBe(true)
  expect(mayHold('photos', null)).toBe(true)
})
