import { expect, test } from 'vitest'
import type { Health } from '../../../../server/domain/fleet/failback.ts'
import { keptHealthChanges, knownFrom, outagesIn } from '../../../../server/domain/fleet/health-history.ts'

const at = (second: number) => new Date(Date.UTC(2026, 10, 28, 14) + second * 1000)
const change = (second: number, health: Health) => ({ at: at(second), health, detail: `${health} ${second}` })
const span = (from: number, until: number | null) => ({ from: at(from), until: until === null ? null : at(until) })

test('times in which a deployment was not well are those that reach into the span, whole', () => {
  const history = [
    change(0, 'healthy'),
    change(10, 'unhealthy'),
    change(12, 'unhealthy'), // of another cause
    change(20, 'returning'),
    change(50, 'healthy'),
    change(90, 'unhealthy'),
  ]
  const outages = (from: number, until: number | null) =>
    outagesIn(history, span(from, until)).map((one) => [one.health, one.from, one.until, one.detail])
  const down = ['unhealthy', at(10), at(20), 'unhealthy 10']
  const back = ['returning', at(20), at(50), 'returning 20']
  const still = ['unhealthy', at(90), null, 'unhealthy 90']
  expect(outages(0, null)).toEqual([down, back, still])
  expect(outages(15, 16)).toEqual([down])
  expect(outages(20, 30)).toEqual([back])
  expect(outages(5, 10)).toEqual([])
  expect(outages(50, 90)).toEqual([])
  expect(outages(100, 110)).toEqual([still])
  expect(outagesIn([], span(0, null))).toEqual([])
})

test('as many changes as are kept reach back to the first of them; fewer are all that there were', () => {
  const history = Array.from({ length: keptHealthChanges }, (_, n) => change(n, n % 2 === 0 ? 'unhealthy' : 'healthy'))
  expect(knownFrom(history, span(-5, null))).toEqual(at(0))
  expect(knownFrom(history, span(0, null))).toBeNull()
  expect(knownFrom(history.slice(1), span(-5, null))).toBeNull()
  expect(knownFrom([], span(-5, null))).toBeNull()
})
