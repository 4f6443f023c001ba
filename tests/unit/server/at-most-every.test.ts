import { expect, test } from 'vitest'
import { atMostEvery } from '../../../server/at-most-every.ts'

test('one passes in each interval, with how many were held back since the one before', () => {
  let now = 5
  const pass = atMostEvery(100, () => now)
  expect([pass(), pass(), pass()]).toEqual([0, undefined, undefined])
  now = 104
  expect(pass()).toBeUndefined()
  now = 105
  expect([pass(), pass()]).toEqual([3, undefined])
  now = 300
  expect(pass()).toBe(1)
})
