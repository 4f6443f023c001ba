import { expect, test, vi } from 'vitest'
import { createServerClock, learningFetch } from '../../../app/_lib/server-clock.ts'

const hour = 3_600_000
/** A reader's clock that is off, and the server's. */
function clocks(off: number) {
  const real = { now: Date.UTC(2026, 10, 28, 12) }
  const local = () => real.now + off
  const clock = createServerClock(local)
  const error = () => clock.now().getTime() - real.now
  /** A pong: `there` and `back` are how long question and answer were on their way. */
  const pong = (there: number, back: number) => {
    const asked = local()
    real.now += there
    const told = real.now
    real.now += back
    clock.learn({ asked, answered: local(), earliest: told, latest: told })
  }
  return { real, local, clock, error, pong }
}

test.each([hour, -hour, 0])('a clock that is %i ms off is corrected as far as an answer can tell', (off) => {
  const { error, pong } = clocks(off)
  pong(20, 60)
  expect(Math.abs(error())).toBeLessThanOrEqual(60)
})

test('what is right within what an answer can tell stays, so that ages do not jump', () => {
  const { clock, error, pong } = clocks(0)
  const listener = vi.fn()
  clock.subscribe(listener)
  for (const [there, back] of [
    [300, 1],
    [1, 300],
    [5_000, 9],
  ] as const)
    pong(there, back)
  expect(error()).toBe(0)
  expect(listener).not.toHaveBeenCalled()
})

test('answers one after the other come closer to the truth, and who shows ages hears of it', () => {
  const { clock, error, pong } = clocks(hour)
  const listener = vi.fn()
  const off = clock.subscribe(listener)
  pong(100, 900)
  expect(Math.abs(error())).toBeGreaterThan(50)
  pong(5, 5)
  expect(Math.abs(error())).toBeLessThanOrEqual(5)
  expect(listener).toHaveBeenCalledTimes(2)
  off()
  pong(0, 0)
  expect(listener).toHaveBeenCalledTimes(2)
})

test('a clock that is set while an answer is on its way teaches nothing, and the next answer does', () => {
  const { clock, local, error, pong, real } = clocks(0)
  clock.learn({ asked: local(), answered: local() - hour, earliest: real.now, latest: real.now })
  clock.learn({ asked: local(), answered: local(), earliest: Number.NaN, latest: Number.NaN })
  expect(error()).toBe(0)
  pong(1, 1)
  expect(error()).toBe(0)
})

test('a fetch learns from the date of its answer, and hands the answer on', async () => {
  const { real, local, clock, error } = clocks(-hour)
  const answer = new Response('x', { headers: { date: new Date(real.now).toUTCString() } })
  expect(await learningFetch(clock, async () => answer, local)('/graphql')).toBe(answer)
  expect(Math.abs(error())).toBeLessThanOrEqual(1_000)
  await learningFetch(clock, async () => new Response('no date'), local)('/graphql')
  expect(Math.abs(error())).toBeLessThanOrEqual(1_000)
})
