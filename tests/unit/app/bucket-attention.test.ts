import { expect, test } from 'vitest'
import { refusedSign } from '../../../app/_lib/bucket-attention.ts'
import { bucket, reason } from './fixtures.ts'

test('a bucket has a red sign where none of its calls are served: nobody may call, or nobody serves', () => {
  const { route } = bucket()
  const word = (change: Partial<typeof route>, more = {}) =>
    refusedSign(bucket({ route: { ...route, ...change }, ...more }))?.word
  expect(word({})).toBeUndefined()
  expect(word({ callers: ['nurse'] })).toBeUndefined()
  expect(word({ callers: [] })).toBe('nobody may call')
  expect(word({ state: 'UNROUTABLE' })).toBe('its calls get 503')
  expect(word({ state: 'UNROUTABLE', callers: [] })).toBe('nobody may call')
  const deleting = { ...bucket().placement, reasons: [reason('DELETING', 'The bucket is being deleted')] }
  expect(word({ state: 'UNROUTABLE', callers: [] }, { placement: deleting })).toBeUndefined()
})
