import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTicker } from '../../../proxy/ticker.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function start(dueAt: number | null) {
  const state = { due: dueAt, ticks: [] as number[] }
  const began = performance.now()
  const ticker = createTicker({
    now: () => performance.now() - began,
    due: () => state.due,
    tick() {
      state.ticks.push(performance.now() - began)
      state.due = null
    },
  })
  ticker.look()
  return { state, ticker }
}

test('it runs when it is due, once', () => {
  const { state } = start(20)
  vi.advanceTimersByTime(100)
  expect(state.ticks).toEqual([20])
})

test('an earlier time counts, and so does that nothing is due any more', () => {
  const { state, ticker } = start(20)
  state.due = 10
  ticker.look()
  vi.advanceTimersByTime(10)
  expect(state.ticks).toEqual([10])
  state.due = 30
  ticker.look()
  state.due = null
  ticker.look()
  vi.advanceTimersByTime(100)
  expect(state.ticks).toEqual([10])
})

test('who looks all the time does not put off what is due at once', () => {
  let now = 0
  let ticks = 0
  const ticker = createTicker({ now: () => now, due: (at) => (ticks === 0 ? at : null), tick: () => void ticks++ })
  for (; now < 3; now += 0.25) {
    ticker.look()
    vi.advanceTimersByTime(0.25)
  }
  expect(ticks).toBe(1)
})

test('what is due later than timers go, which is 24 days, is waited for', () => {
  const day = 24 * 3_600_000
  let now = 0
  const ticks: number[] = []
  const due = () => (now < 100 * day ? 100 * day : null)
  const tick = () => {
    ticks.push(now / day)
    if (ticks.length > 10) throw new Error('it runs all the time')
  }
  createTicker({ now: () => now, due, tick }).look()
  for (; now <= 101 * day; now += day) vi.advanceTimersByTime(day)
  expect(ticks.at(-1)).toBeCloseTo(100, -0.5)
})

test('after its end it does nothing', () => {
  const { state, ticker } = start(20)
  ticker.stop()
  ticker.look()
  vi.advanceTimersByTime(100)
  expect(state.ticks).toEqual([])
})
