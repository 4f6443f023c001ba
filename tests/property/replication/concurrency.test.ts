// How many at once a link finds to be right, against stores that are simulated with their time.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  afterOverload,
  afterRound,
  beginConcurrency,
  type Concurrency,
  overloads,
} from '../../../server/domain/links/concurrency.ts'
import { createLinkLimit } from '../../../server/replication/links/link-limit.ts'
import { defaultLimits } from '../../../server/replication/settings.ts'

const bounds = defaultLimits.atOnce

type Store = {
  /** Requests that it works on at once; others wait. */
  readonly slots: number
  readonly msOf: (request: number) => number
  /** With more under way it refuses at once. */
  readonly most?: number
}

type Run = { limit: number; done: number; refused: number; lowered: Concurrency['lowered']; limits: number[] }

/** Keeps as much under way as the limit allows, for so many milliseconds. `backlog` false: only two at a time ask. */
function simulate(store: (at: number) => Store, untilMs: number, { backlog = true } = {}): Run {
  let now = 0
  const limit = createLinkLimit(
    bounds,
    () => limits.push(limit.limit()),
    () => now,
  )
  const limits: number[] = [limit.limit()]
  const working: { readonly beganAt: number; readonly endsAt: number }[] = []
  const queue: number[] = []
  const run = { done: 0, refused: 0 }
  const answer = (beganAt: number, error: 'slow-down' | null) =>
    limit.answered({ storageId: 's', method: 'put', beganAt, ms: now - beganAt, isSmall: true, error }, backlog)
  for (let request = 0; now < untilMs; ) {
    const { slots, most = Infinity, msOf } = store(now)
    const wanted = backlog ? limit.limit() : 2
    while (working.length + queue.length < wanted) {
      request++
      if (working.length + queue.length < most) queue.push(now)
      else {
        run.refused++
        answer(now, 'slow-down')
        break
      }
    }
    while (working.length < slots && queue.length > 0)
      working.push({ beganAt: queue.shift() as number, endsAt: now + msOf(request) })
    let first = 0
    for (const [place, { endsAt }] of working.entries()) if (endsAt < (working[first]?.endsAt ?? 0)) first = place
    const [ended] = working.splice(first, 1)
    if (ended === undefined) throw new Error('nothing is under way')
    now = Math.max(now, ended.endsAt)
    run.done++
    answer(ended.beganAt, null)
  }
  return { ...run, limit: limit.limit(), lowered: limit.lowered(), limits }
}

/** Times that differ from request to request by a quarter, the same in each run. */
const about = (ms: number) => (request: number) => ms * (0.75 + 0.5 * ((request * 0.6180339887) % 1))

test('a store with so many slots ends up with about as much under way, and is kept busy', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 50 }), fc.integer({ min: 30, max: 300 }), (slots, ms) => {
      const store = () => ({ slots, msOf: about(ms) })
      const [before, after] = [simulate(store, 40_000), simulate(store, 80_000)]
      expect(after.done - before.done).toBeGreaterThan(0.9 * slots * (40_000 / ms))
      const found = after.limits.slice(before.limits.length).toSorted((a, b) => a - b)
      const median = found[Math.floor(found.length / 2)]
      expect(median).toBeGreaterThanOrEqual(slots)
      expect(median).toBeLessThanOrEqual(Math.min(bounds.most, 3.5 * slots))
    }),
    { numRuns: 10 },
  )
})

test('a far store, of which each answer takes 200 ms, gets as many as there may be', () => {
  const run = simulate(() => ({ slots: 10_000, msOf: about(200) }), 5_000)
  expect(run.limit).toBe(bounds.most)
  expect(run.lowered).toBeNull()
  expect(simulate(() => ({ slots: 10_000, msOf: about(200) }), 90_000).limit).toBe(bounds.most)
})

test('a store near by, whose answers take a few milliseconds more when more is asked, gets as many as there may be', () => {
  expect(simulate(() => ({ slots: 8, msOf: about(1) }), 5_000).limit).toBe(bounds.most)
})

test('a store that refuses what goes over a number is driven at about that number, with few refusals', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 100 }), (most) => {
      const run = simulate(() => ({ slots: 10_000, most, msOf: about(40) }), 20_000)
      expect(run.refused / run.done).toBeLessThan(0.02)
      expect(run.done).toBeGreaterThan(0.7 * most * (20_000 / 40))
      expect(run.lowered).toMatchObject({ why: 'slow-down', storageId: 's' })
    }),
    { numRuns: 10 },
  )
})

test('after a store refused, the limit comes back once it takes more', () => {
  const wide = { slots: 10_000, msOf: about(40) }
  const until = (ms: number) => simulate((at) => (at > 5_000 && at < 10_000 ? { ...wide, most: 6 } : wide), ms)
  expect(until(5_000).limit).toBe(bounds.most)
  expect(until(10_000).limit).toBeLessThan(12)
  expect(until(40_000).limit).toBe(bounds.most)
})

test('a store that gets slow, and quick again, is followed', () => {
  const slots = (at: number) => (at > 30_000 && at < 90_000 ? 5 : 40)
  const until = (ms: number) => simulate((at) => ({ slots: slots(at), msOf: about(50) }), ms).limit
  expect(until(30_000)).toBeGreaterThanOrEqual(40)
  expect(until(90_000)).toBeLessThanOrEqual(20)
  expect(until(150_000)).toBeGreaterThanOrEqual(40)
})

test('where nothing waits the limit stays as it is', () => {
  expect(simulate(() => ({ slots: 1, msOf: about(50) }), 60_000, { backlog: false }).limits).toEqual([bounds.first])
})

test('for ten seconds a refusal is told as what lowered the limit, though answers get slow, too', () => {
  const answers = (ms: number) => new Map([['s put', { storageId: 's', count: 100, ms: 100 * ms }]])
  const usual = afterRound(beginConcurrency(bounds, 0), { at: 0, isFull: true, answers: answers(50) }, bounds)
  const refused = afterOverload(usual, { why: 'slow-down', storageId: 's', at: 1_000 }, bounds)
  const slowAt = (at: number) => afterRound(refused, { at, isFull: true, answers: answers(500) }, bounds)
  for (const at of [2_000, 9_000]) {
    expect(slowAt(at).limit).toBeLessThan(refused.limit)
    expect(slowAt(at).lowered).toEqual({ why: 'slow-down', storageId: 's', at: 1_000 })
  }
  const later = { ...refused, usualAt: 11_000 }
  const told = afterRound(later, { at: 11_500, isFull: true, answers: answers(500) }, bounds).lowered
  expect(told).toEqual({ why: 'slower', storageId: 's', at: 11_500 })
})

const answer = fc.record({
  ms: fc.double({ min: 0, max: 100_000, noNaN: true }),
  ago: fc.double({ min: 0, max: 1_000, noNaN: true }),
  isFull: fc.boolean(),
  isSmall: fc.boolean(),
  error: fc.option(fc.constantFrom(...overloads, 'no-such-key', 'bad-digest', 'aborted', 'server-error', 'quota'), {
    freq: 20,
  }),
})

test('the limit keeps its bounds whatever is answered, and the same answers find the same', () => {
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 600 }), (answers) => {
      const found = [1, 2].map(() => {
        let now = 0
        const limit = createLinkLimit(
          bounds,
          () => undefined,
          () => now,
        )
        return answers.map(({ ago, isFull, ...one }) => {
          now += 10
          limit.answered({ ...one, storageId: 's', method: 'put', beganAt: now - ago }, isFull)
          expect(limit.limit()).toBeGreaterThanOrEqual(bounds.least)
          expect(limit.limit()).toBeLessThanOrEqual(bounds.most)
          return limit.limit()
        })
      })
      expect(found[0]).toEqual(found[1])
    }),
  )
})

test('what fails together halves the limit once, and what fails for its own sake does not', () => {
  let now = 0
  const limit = createLinkLimit(
    bounds,
    () => undefined,
    () => now,
  )
  const fail = (beganAt: number, error: 'timeout' | 'unreachable' | 'quota') =>
    limit.answered({ storageId: 's', method: 'put', beganAt, ms: 1, isSmall: false, error }, true)
  now = 100
  for (let i = 0; i < 30; i++) fail(50, 'timeout')
  expect(limit.limit()).toBe(bounds.first / 2)
  expect(limit.lowered()).toEqual({ why: 'timeout', storageId: 's', at: 100 })
  now = 200
  for (let i = 0; i < 30; i++) fail(150, 'unreachable')
  expect(limit.limit()).toBe(bounds.first / 4)
  for (let i = 0; i < 30; i++) fail(200, 'quota')
  expect(limit.limit()).toBe(bounds.first / 4)
})
