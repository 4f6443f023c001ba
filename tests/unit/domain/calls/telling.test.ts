// When an Envoy tells of a sample of its calls.
import { expect, test } from 'vitest'
import { nextTelling, type Telling } from '../../../../server/domain/calls/telling.ts'

const limits = { sampledAbove: 500, allBelow: 200 }

test('many calls are told as a sample until they are few again, and what is between changes nothing', () => {
  let telling: Telling = 'all'
  const told: Telling[] = []
  for (const rate of [0, 350, 500, 501, 350, 200, 199, 350]) {
    telling = nextTelling(telling, rate, limits)
    told.push(telling)
  }
  expect(told).toEqual(['all', 'all', 'all', 'sampled', 'sampled', 'sampled', 'all', 'all'])
})
