import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Backslide, isOlder, isRegressed, isWrittenSince } from '../../../server/domain/replica/regress.ts'
import { isBraked } from '../../../server/replication/tasks/brake.ts'

const second = 1_000
/** What FaDO saw at a master: the second in which each object was written last, and in which it was before that, if at all. */
const seen = fc.array(
  fc.record({ at: fc.integer({ min: 1, max: 3_600 }), before: fc.option(fc.integer({ min: 0, max: 3_600 })) }),
  { minLength: 1, maxLength: 300 },
)
type Seen = { readonly at: number; readonly before: number | null }

/** What a whole look finds where the master has each object as of `now` says; null: it has it no more. */
function look(objects: readonly Seen[], now: (object: Seen) => number | null): Backslide {
  const kept: number[] = []
  const lost: number[] = []
  let [missing, older] = [0, 0]
  for (const object of objects) {
    const at = now(object)
    if (at === null) missing++
    else if (isOlder(at * second, object.at * second)) older++
    ;(at === null || isOlder(at * second, object.at * second) ? lost : kept).push(object.at * second)
  }
  const most = (all: readonly number[], pick: (...of: number[]) => number) => (all.length === 0 ? null : pick(...all))
  const known = objects.length
  return { known, missing, older, newestKept: most(kept, Math.max), oldestLost: most(lost, Math.min) }
}
const rule = (known: number, keepsVersions = false) => ({
  keepsVersions,
  isMany: (lost: number) => isBraked(lost, known, { objects: 100, percent: 10 }),
})

/** As it was at the second `then`. */
const asOf =
  (then: number) =>
  ({ at, before }: Seen): number | null => {
    if (at <= then) return at
    return before !== null && before <= then ? before : null
  }

test('a master that was put back to any moment is held as soon as one object is older, or more are gone than the brake lets pass', () => {
  fc.assert(
    fc.property(seen, fc.integer({ min: 0, max: 3_600 }), (objects, then) => {
      const found = look(objects, asOf(then))
      const lost = found.older + found.missing
      const many = lost >= 3 && rule(objects.length).isMany(lost)
      expect(isRegressed('away', found, rule(objects.length))).toBe(found.older > 0 || many)
      // Where versions are kept, and where nothing tells that the store was away, one that is older is too little.
      const several = found.older > 0 && lost >= 3
      expect(isRegressed('away', found, rule(objects.length, true))).toBe(several || many)
      expect(isRegressed('unsure', found, rule(objects.length))).toBe(several)
    }),
  )
})

test('nothing is held while the store was watched, nor where nothing is lost', () => {
  fc.assert(
    fc.property(seen, fc.integer({ min: 0, max: 3_600 }), (objects, then) => {
      expect(isRegressed('watched', look(objects, asOf(then)), rule(objects.length))).toBe(false)
      const same = look(objects, ({ at }) => at)
      for (const evidence of ['away', 'unsure'] as const)
        expect(isRegressed(evidence, same, rule(objects.length))).toBe(false)
    }),
  )
})

test('deletes that are no more than the brake lets pass are the users’ own, whichever they are', () => {
  fc.assert(
    fc.property(seen, fc.nat(), (objects, which) => {
      const byAge = objects.toSorted((a, b) => b.at - a.at)
      const doomed = new Set(byAge.slice(0, Math.min(100, which % objects.length)))
      const found = look(objects, (one) => (doomed.has(one) ? null : one.at))
      expect(isRegressed('away', found, rule(objects.length))).toBe(false)
    }),
  )
})

test('more than the brake lets pass is held, whichever objects they are', () => {
  const found: Backslide = { known: 1_000, missing: 101, older: 0, newestKept: 9 * second, oldestLost: second }
  expect(isRegressed('away', found, rule(1_000))).toBe(true)
  expect(isRegressed('away', { ...found, missing: 100 }, rule(1_000))).toBe(false)
  expect(isRegressed('away', { ...found, known: 2, missing: 2 }, rule(2)), 'the brake holds these').toBe(false)
})

test('a clock that was set back makes no new object old: what was written since the process began is new', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }), (startedAt, modified) => {
      expect(isWrittenSince(modified, null)).toBe(false)
      if (modified < startedAt) expect(isWrittenSince(modified, startedAt)).toBe(false)
      if (modified > startedAt + 2 * second) expect(isWrittenSince(modified, startedAt)).toBe(true)
    }),
  )
})
