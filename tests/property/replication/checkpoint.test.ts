// Looks that are cut off: whether one goes on, and that a turn through objects is as far in the end as without a cut.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Checkpoint, type LookAt, longestPause, usable } from '../../../server/domain/replica/checkpoint.ts'
import { beginTurn, type Turn } from '../../../server/replication/tasks/whole-compare.ts'
import { compareKeys } from '../../../server/storage/compare-keys.ts'

const now = 100 * longestPause
const oneOrTwo = fc.integer({ min: 1, max: 2 })
const made = fc.constantFrom(null, 1, 2)
const lookAt: fc.Arbitrary<LookAt> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('first_sync' as const, 'sweep' as const),
    mark: oneOrTwo,
    shape: oneOrTwo,
    buckets: fc.tuple(made, made),
  }),
  fc.record({
    kind: fc.constant('master_sweep' as const),
    mark: oneOrTwo,
    shape: oneOrTwo,
    buckets: fc.tuple(made),
  }),
)
const past = fc.integer({ min: now - 2 * longestPause, max: now })
/** The clock was set back since. */
const anyTime = fc.oneof({ weight: 5, arbitrary: past }, fc.integer({ min: now, max: now + longestPause }))
const checkpoint: fc.Arbitrary<Checkpoint> = fc
  .tuple(lookAt, anyTime, anyTime, fc.string())
  .map(([look, one, other, after]) => ({
    ...look,
    ...{ after, sums: {}, startedAt: Math.min(one, other), savedAt: Math.max(one, other) },
  }))

test('a look goes on only as the same look at the same buckets, after a short pause, where no other ended since and its master is not stopped', () => {
  fc.assert(
    fc.property(checkpoint, lookAt, fc.option(past), fc.boolean(), (from, look, lastLook, stopped) => {
      const known = look.buckets.every((bucket) => bucket !== null)
      const same =
        JSON.stringify([from.kind, from.mark, from.shape, from.buckets]) ===
        JSON.stringify([look.kind, look.mark, look.shape, look.buckets])
      const isYoung = from.savedAt <= now && now - from.savedAt <= longestPause
      const isLast = lastLook === null || lastLook < from.startedAt
      expect(usable(from, look, { now, lastLook, stopped })).toBe(
        known && same && isYoung && isLast && !stopped ? from : null,
      )
    }),
    { numRuns: 3_000 }, // few of them differ in one thing only
  )
})

const keys = fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 40 }).map((all) => all.toSorted(compareKeys))
const turn: fc.Arbitrary<Turn> = fc.record({
  after: fc.option(fc.string({ maxLength: 3 })),
  since: fc.constant(7),
  most: fc.oneof(fc.nat(12), fc.constant(Number.MAX_SAFE_INTEGER)),
})

test('wherever a look is cut off, and however often, each object has the turn that it would have had, and the turn is as far', () => {
  fc.assert(
    fc.property(keys, turn, fc.array(fc.nat(40)), (all, begun, cuts) => {
      const whole = beginTurn(begun)
      const taken = all.filter((key) => whole.takes(key))
      const bounds = [0, ...cuts.map((cut) => Math.min(cut, all.length)).toSorted((a, b) => a - b), all.length]
      let rest = begun
      const inRuns: string[] = []
      bounds.slice(1).forEach((end, run) => {
        const part = beginTurn(JSON.parse(JSON.stringify(rest)) as Turn)
        inRuns.push(...all.slice(bounds[run], end).filter((key) => part.takes(key)))
        rest = part.rest()
      })
      expect(inRuns).toEqual(taken)
      expect(beginTurn(rest).end()).toEqual(whole.end())
    }),
  )
})
