import fc from 'fast-check'
import { expect, test } from 'vitest'
import { grantOf, type Share } from '../../../../server/domain/bandwidth/grant.ts'

test('one alone gets all of the limit, and so does each that wants little what it wants', () => {
  expect(grantOf(100, 0, [])).toBe(100)
  expect(grantOf(100, 100, [{ wanted: 100, granted: 50 }])).toBe(50)
  expect(grantOf(100, 100, [{ wanted: 10, granted: 10 }])).toBe(90)
  expect(grantOf(100, 10, [{ wanted: 100, granted: 90 }])).toBe(10)
})

test('a newcomer waits until others have given back what is more than their part', () => {
  const others = [{ wanted: 100, granted: 100 }]
  expect(grantOf(100, 100, others)).toBe(0)
  expect(grantOf(100, 100, [{ wanted: 100, granted: grantOf(100, 100, [{ wanted: 100, granted: 0 }]) }])).toBe(50)
})

test('whoever renews in whatever order, what is held never exceeds the limit, and all of it is held in the end', () => {
  const wanted = fc.array(fc.nat(200), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(wanted, fc.array(fc.nat(5), { maxLength: 40 }), (wants, turns) => {
      const shares: Share[] = wants.map((want) => ({ wanted: want, granted: 0 }))
      const renew = (mover: number) => {
        const others = shares.filter((_, i) => i !== mover)
        const want = wants[mover] ?? 0
        shares[mover] = { wanted: want, granted: grantOf(100, want, others) }
        expect(shares.reduce((sum, { granted }) => sum + granted, 0)).toBeLessThanOrEqual(100 + 1e-9)
      }
      for (const turn of turns) renew(turn % wants.length)
      for (let round = 0; round < 3; round++) for (const mover of wants.keys()) renew(mover)
      expect(shares.reduce((sum, { granted }) => sum + granted, 0)).toBeCloseTo(100)
    }),
  )
})
