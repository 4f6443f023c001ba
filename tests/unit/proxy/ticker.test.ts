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

test('after its end it does nothing', () => {
  const { state, ticker } = start(20)
  ticker.stop()
  ticker.look()
  vi.advanceTimersByTime(100)
  expect(state.ticks).toEqual([])
})
