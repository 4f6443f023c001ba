// Quantiles of calls' times from few bins.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addTo, binOf, type Durations, msOf, quantiles, worstError } from '../../../../server/domain/calls/durations.ts'

const times = fc.array(fc.oneof(fc.nat(40), fc.nat(5_000), fc.nat(2 ** 31)), { minLength: 1, maxLength: 300 })

const of = (all: readonly number[]): Durations => {
  const durations: Durations = new Map()
  for (const ms of all) addTo(durations, binOf(ms))
  return durations
}

test('a quantile is at most a thirty-second off the true one', () => {
  fc.assert(
    fc.property(times, fc.constantFrom(0.5, 0.95, 0.99, 1), (all, part) => {
      const [told = null] = quantiles(of(all), [part])
      const true_ = all.toSorted((a, b) => a - b)[Math.ceil(part * all.length) - 1] ?? 0
      expect(Math.abs((told ?? Number.NaN) - true_)).toBeLessThanOrEqual(true_ * worstError)
    }),
  )
})

test('a time is in the bin of its middle, and longer times are in later bins', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31), fc.nat(2 ** 31), (a, b) => {
      expect(binOf(msOf(binOf(a)))).toBe(binOf(a))
      if (a <= b) expect(binOf(a)).toBeLessThanOrEqual(binOf(b))
    }),
  )
})

test('there are few bins, whatever a time is', () => {
  for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) expect(binOf(ms)).toBeGreaterThanOrEqual(0)
  expect(binOf(2 ** 60)).toBeLessThan(500)
})

test('where there were no calls there is no quantile', () => {
  expect(quantiles(new Map(), [0.5])).toEqual([null])
})
