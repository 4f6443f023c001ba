import { expect, test } from 'vitest'
import { matrixLegend, refusedSign } from '../../../app/_lib/bucket-attention.ts'
import { bucket, cluster, reason, route } from './fixtures.ts'

test('a bucket has a red sign where none of its calls are served: nobody may call, or nobody serves', () => {
  const made = bucket().route
  const word = (change: Partial<typeof made>, more = {}) =>
    refusedSign(bucket({ route: { ...made, ...change }, ...more }))?.word
  expect(word({})).toBeUndefined()
  expect(word({ callers: ['nurse'] })).toBeUndefined()
  expect(word({ callers: [] })).toBe('nobody may call')
  expect(word({ state: 'UNROUTABLE' })).toBe('its calls get 503')
  expect(word({ state: 'UNROUTABLE', callers: [] })).toBe('nobody may call')
  const deleting = { ...bucket().placement, reasons: [reason('DELETING', 'The bucket is being deleted')] }
  expect(word({ state: 'UNROUTABLE', callers: [] }, { placement: deleting })).toBeUndefined()
})

test('what stands before the names of buckets is in their legend', () => {
  const words = (...routes: Partial<ReturnType<typeof route>>[]) =>
    matrixLegend(
      routes.map((change) => bucket({ route: { ...route(['hpc']), ...change } })),
      [cluster('hpc')],
    ).map(({ word }) => word)
  expect(words({})).toEqual(['master'])
  expect(words({ state: 'UNROUTABLE' }, {}, { callers: [] })).toEqual([
    'nobody may call',
    'its calls get 503',
    'master',
  ])
})
