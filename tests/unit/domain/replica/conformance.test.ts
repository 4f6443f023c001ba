import { describe, expect, test } from 'vitest'
import {
  type Arrivals,
  addArrival,
  ageBounds,
  joinArrivals,
  lateCause,
  objectiveSeconds,
  reasonOfLate,
  withinBounds,
} from '../../../../server/domain/replica/conformance.ts'

const cause = { kind: 'copying', seconds: 0 } as const
const counted = (...ages: readonly number[]): Arrivals | null =>
  ages.reduce<Arrivals | null>((all, seconds) => addArrival(all, { seconds, key: `k${seconds}`, cause }), null)

test('each change counts below every bound that it kept, a bound included, so shares are exact', () => {
  const ages = [-0.1, 0.5, 1, 1.001, 15, 15.001, 3_600, 3_601]
  const { total, within } = withinBounds(counted(...ages)?.changes ?? [])
  expect(total).toBe(8)
  expect(within.map(({ seconds, changes }) => [seconds, changes])).toEqual(
    ageBounds.map((bound) => [bound, ages.filter((age) => age <= bound).length]),
  )
  expect(within.find(({ seconds }) => seconds === objectiveSeconds)?.share).toBe(5 / 8)
})

test('what was counted apart adds up in either order, and the slowest stays', () => {
  const [one, other, all] = [counted(1, 70), counted(2, 41), counted(1, 70, 2, 41)]
  expect(joinArrivals(one, other)).toEqual(all)
  expect(joinArrivals(other, one)).toEqual(all)
  expect(all?.slowest).toMatchObject({ seconds: 70, key: 'k70' })
  expect(joinArrivals(null, one)).toEqual(one)
  expect(joinArrivals(null, null)).toBeNull()
})

test('a month without changes was on time', () => {
  expect(withinBounds([]).within.every(({ share }) => share === 1)).toBe(true)
})

describe('what a change was late for', () => {
  const late = { ageSeconds: 41, waitedSeconds: 40, failure: null, trouble: null }
  const failure = { store: 'edge', error: 'access-denied', detail: 'It is not allowed' }
  const trouble = { kind: 'store', store: 'edge', problem: 'unreachable' } as const
  const said = (facts: Partial<Parameters<typeof lateCause>[0]>) => reasonOfLate(lateCause({ ...late, ...facts }))
  test.each([
    [{ failure, trouble }, 'CALL_FAILED', 'edge: It is not allowed'],
    [{ trouble }, 'STORE_UNREACHABLE', 'edge cannot be reached'],
    [{}, 'NOT_TAKEN', 'No mover took it for 40 s: it was held, or waited for its turn'],
    [{ waitedSeconds: 0.5 }, 'COPYING_TOOK', 'The copying itself took 41 s'],
    [{ ageSeconds: 2, waitedSeconds: 0.25 }, 'COPYING_TOOK', 'The copying itself took 1.8 s'],
  ])('%j', (facts, code, message) => {
    expect(said(facts)).toMatchObject({ code, message })
  })
})
