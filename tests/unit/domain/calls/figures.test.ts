import { expect, test } from 'vitest'
import { windowsAgo } from '../../../../server/domain/calls/figures.ts'

test('a window is of the last minute, whatever clock it was written by', () => {
  const now = 600_000
  expect([600_000, 599_999, 595_000, 594_999, 545_000].map((endedAt) => windowsAgo(endedAt, now))).toEqual([
    0, 1, 1, 2, 11,
  ])
  expect(windowsAgo(544_999, now)).toBeUndefined()
  expect(windowsAgo(now + 7_000, now), 'of a clock that is ahead').toBe(0)
})
