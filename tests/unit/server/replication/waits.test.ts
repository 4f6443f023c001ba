import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sweepInterval } from '../../../../server/domain/replica/sweep-interval.ts'
import { backoffMs } from '../../../../server/replication/backoff.ts'
import { nextSweep } from '../../../../server/replication/tasks/next-sweep.ts'

test('sweeps come a minute after one that found something and then at doubling intervals up to a quarter of an hour', () => {
  const common = { kind: 'sweep', leastS: 60, mostS: 900 } as const
  const waits: number[] = []
  let intervalS = 60
  for (const found of [true, false, false, false, false, false, false, true]) {
    const end = nextSweep({ ...common, intervalS, found })
    if (end.end !== 'done') throw new Error(end.end)
    waits.push(end.seconds)
    intervalS = end.intervalS
  }
  expect(waits).toEqual([60, 60, 120, 240, 480, 900, 900, 60])
})

test('a master whose store tells nothing is looked at twice within max_staleness', () => {
  const mostS = sweepInterval({ hasEvents: false, maxStaleness: 30 })
  expect(nextSweep({ kind: 'master_sweep', intervalS: 480, found: false, leastS: 60, mostS })).toMatchObject({
    seconds: 15,
  })
  expect(sweepInterval({ hasEvents: true, maxStaleness: 30 })).toBe(900)
})

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
