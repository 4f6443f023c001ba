import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planSweep, type StoredSweep, type SweepPolicies } from '../../../server/domain/replica/plan-sweep.ts'
import { roundRequests, turnSeconds } from '../../../server/domain/replica/sweep-cost.ts'
import {
  defaultBounds,
  type SweepFacts,
  sweepInterval,
  untoldInterval,
} from '../../../server/domain/replica/sweep-interval.ts'

const day = 86_400
const week = 7 * day

const anyFacts: fc.Arbitrary<SweepFacts> = fc.record({
  of: fc.constantFrom('master', 'replica'),
  events: fc.constantFrom('believed', 'unheard', 'silent', 'none'),
  proven: fc.boolean(),
  quietLooks: fc.nat(60),
  roundRequests: fc.integer({ min: 7, max: 100_000 }),
  maxStaleness: fc.double({ min: 0.001, max: 30 * day, noNaN: true }),
  longest: fc.integer({ min: 60, max: 30 * day }),
  turn: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 365 * day })),
})

describe('the interval that is learnt', () => {
  test('is never above what a user set, what a turn needs, or what the trust in events allows', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { seconds } = sweepInterval(facts)
        const { of, events, proven, turn } = facts
        expect(seconds).toBeGreaterThanOrEqual(1)
        expect(seconds).toBeLessThanOrEqual(facts.longest)
        if (of === 'replica' && turn > 0) expect(seconds).toBeLessThanOrEqual(Math.max(900, turn / 4))
        if (of === 'master' && events !== 'believed')
          expect(seconds).toBeLessThanOrEqual(Math.max(1, facts.maxStaleness / 2))
        if (of === 'master' && !(events === 'believed' && proven)) expect(seconds).toBeLessThanOrEqual(900)
      }),
    )
  })

  test('comes back to a minute with the first look that found something, whatever was learnt before', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        expect(sweepInterval({ ...facts, quietLooks: 0 }).seconds).toBeLessThanOrEqual(defaultBounds.first)
      }),
    )
  })

  test('grows with quiet looks and with what looks cost, and with nothing that is worse', () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(20), fc.nat(1_000), (facts, looks, requests) => {
        const { seconds } = sweepInterval(facts)
        const more = (better: Partial<SweepFacts>) => sweepInterval({ ...facts, ...better }).seconds
        expect(more({ quietLooks: facts.quietLooks + looks })).toBeGreaterThanOrEqual(seconds)
        expect(more({ roundRequests: facts.roundRequests + requests })).toBeGreaterThanOrEqual(seconds)
        expect(more({ proven: false })).toBeLessThanOrEqual(seconds)
        if (facts.events === 'believed')
          for (const events of ['unheard', 'silent', 'none'] as const)
            expect(more({ events })).toBeLessThanOrEqual(seconds)
      }),
    )
  })

  test('doubles from look to look until it is bounded, and says by what', () => {
    const facts: SweepFacts = {
      ...{ of: 'master', events: 'believed', proven: true, quietLooks: 0, roundRequests: 13 },
      ...{ maxStaleness: 60, longest: day, turn: 0 },
    }
    const given = (quietLooks: number, more: Partial<SweepFacts> = {}) =>
      sweepInterval({ ...facts, quietLooks, ...more })
    expect([0, 1, 2, 3].map((quiet) => given(quiet).seconds)).toEqual([60, 120, 240, 480])
    expect(given(20)).toEqual({ seconds: 13 * 1_800, why: 'SWEEP_SETTLED', policy: null })
    expect(given(20, { proven: false })).toMatchObject({ seconds: 900, why: 'SWEEP_UNPROVEN' })
    expect(given(20, { events: 'silent' })).toMatchObject({ seconds: 30, why: 'SWEEP_UNTOLD' })
    expect(given(20, { longest: 900 })).toMatchObject({ seconds: 900, why: 'SWEEP_POLICY', policy: 'sweep_interval' })
    expect(given(20, { of: 'replica', turn: day })).toMatchObject({ seconds: day / 4, policy: 'full_compare' })
    expect(untoldInterval(60)).toBe(30)
    expect(untoldInterval(day)).toBe(900)
  })
})

const policies: SweepPolicies = { maxStaleness: 60, longest: day, fullCompare: { seconds: week, isSet: false } }
const stored = (of: 'master' | 'replica', objects: number, copies: number): StoredSweep => ({
  ...{ of, objects, copies, setting: 'auto', offered: true, heardAt: 1, untoldAt: null },
  ...{ proven: true, quietLooks: 20, comparedSince: 2, quietSince: 1 },
})

describe('a day of an idle bucket whose events are believed, after a week in which it was found right', () => {
  const requests = (objects: number, copies: number) =>
    ['master' as const, ...Array<'replica'>(copies).fill('replica')]
      .map((of) => planSweep(stored(of, objects, copies), policies).requestsADay)
      .reduce((sum, one) => sum + one, 0)

  test('costs at most 100 requests on all stores, its turns with tags and all', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(1_800), (copies, all) => {
        expect(requests(Math.floor(all / copies), copies)).toBeLessThanOrEqual(100)
      }),
    )
    expect(requests(0, 0)).toBeLessThanOrEqual(100)
  })

  test('where somebody set full_compare that is kept, whatever it costs', () => {
    const set = { ...policies, fullCompare: { seconds: week, isSet: true } }
    expect(planSweep(stored('replica', 1_000, 1), set)).toMatchObject({ turnSeconds: week })
    expect(planSweep(stored('replica', 1_000, 1), policies).turnSeconds).toBeGreaterThan(week)
  })

  test('after events may have been missed a whole turn goes at its pace again', () => {
    const facts = { wanted: week, isSet: false, comparedSince: 5, quietSince: 6, objects: 1_000, copies: 1 }
    expect(turnSeconds(facts)).toBe(week)
    expect(turnSeconds({ ...facts, quietSince: null })).toBe(week)
    expect(turnSeconds({ ...facts, comparedSince: 6 })).toBeGreaterThan(week)
    expect(turnSeconds({ ...facts, comparedSince: 6, wanted: 0 })).toBe(0)
  })

  test('learns within a day: from the first look on it costs little more than what it settles at', () => {
    const of = 'master' as const
    let [seconds, looks] = [0, 0]
    for (; seconds < day; looks++) {
      const { seconds: next } = planSweep({ ...stored(of, 100, 1), quietLooks: looks }, policies)
      seconds += next
    }
    expect(looks * roundRequests({ objects: 100, copies: 1 })).toBeLessThanOrEqual(170)
  })
})
