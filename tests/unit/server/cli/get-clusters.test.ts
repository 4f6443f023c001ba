import { expect, test } from 'vitest'
import { healthText } from '../../../../server/cli/get-clusters.ts'

test('what is amiss is told with the state, also while it is only doubted', () => {
  expect(healthText({ status: 'HEALTHY', detail: null })).toBe('HEALTHY')
  expect(healthText({ status: 'UNHEALTHY', detail: 'It answers 503' })).toBe('UNHEALTHY (It answers 503)')
  expect(healthText({ status: 'HEALTHY', detail: 'No answer. Most are silent' })).toBe(
    'HEALTHY (No answer. Most are silent)',
  )
})
