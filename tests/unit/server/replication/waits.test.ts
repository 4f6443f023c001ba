import fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoffMs } from '../../../../server/replication/backoff.ts'

test('backoff doubles to its most, and takes off at most half of it by chance', () => {
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), (attempts, random) => {
      const whole = Math.min(60_000, 250 * 2 ** attempts)
      const wait = backoffMs(attempts, 250, 60_000, random)
      expect(wait).toBeGreaterThanOrEqual(whole / 2)
      expect(wait).toBeLessThanOrEqual(whole)
    }),
  )
})
