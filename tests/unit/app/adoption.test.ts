import { expect, test } from 'vitest'
import { holds, whyNotThere } from '../../../app/_lib/adoption.ts'

const page = (hasNextPage: boolean, ...names: readonly string[]) => ({
  nodes: names.map((name) => ({ name })),
  pageInfo: { hasNextPage },
})

test('only a store that named all its buckets, and not this one, does not have it', () => {
  expect(holds('photos', page(false, 'films', 'photos'))).toBe(true)
  expect(holds('photos', page(false, 'acme-photos'))).toBe(true)
  expect(holds('photos', page(false, 'films'))).toBe(false)
  expect(holds('photos', page(true, 'films'))).toBe(true)
  expect(holds('photos', null)).toBe('silent')
})

test('a copy is not taken over where the store is silent, or its cluster lies outside the zones', () => {
  const at = (isSilent: boolean, ...zones: readonly string[]) => ({ isSilent, zones })
  expect(whyNotThere(at(false, 'germany'), [])).toBeNull()
  expect(whyNotThere(at(false, 'eu', 'germany'), ['germany'])).toBeNull()
  expect(whyNotThere(at(false, 'ireland'), ['germany', 'france'])).toBe('its data may lie in germany and france only')
  expect(whyNotThere(at(false), ['germany'])).toBe('its data may lie in germany only')
  expect(whyNotThere(at(true, 'germany'), [])).toBe('does not answer now, so nobody knows what is there')
})
