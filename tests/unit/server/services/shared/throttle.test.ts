import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createThrottle } from '../../../../../server/services/shared/throttle.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

function start(intervalMs: number, work: (names: readonly string[]) => Promise<void> = async () => undefined) {
  const calls: { at: number; names: readonly string[] }[] = []
  const errors: unknown[] = []
  const began = performance.now()
  const throttle = createThrottle(
    intervalMs,
    async (names) => {
      calls.push({ at: performance.now() - began, names })
      await work(names)
    },
    (error) => errors.push(error),
  )
  return { throttle, calls, errors }
}

test('the first name is handed over at once, those that follow together once the interval is over', async () => {
  const { throttle, calls } = start(100)
  throttle.add('a')
  await vi.advanceTimersByTimeAsync(10)
  throttle.add('b')
  throttle.add('c')
  throttle.add('b')
  await vi.advanceTimersByTimeAsync(1_000)
  expect(calls).toEqual([
    { at: 0, names: ['a'] },
    { at: 100, names: ['b', 'c'] },
  ])
  throttle.add('d')
  expect(calls.at(-1)).toEqual({ at: 1_010, names: ['d'] })
  await throttle.stop()
})

test('calls do not overlap, and what comes meanwhile is handed over next', async () => {
  const slow = Promise.withResolvers<void>()
  const { throttle, calls } = start(0, () => slow.promise)
  throttle.add('a')
  throttle.add('b')
  await vi.advanceTimersByTimeAsync(500)
  expect(calls.length).toBe(1)
  slow.resolve()
  await vi.advanceTimersByTimeAsync(1)
  expect(calls[1]?.names).toEqual(['b'])
  await throttle.stop()
})

test('what failed is handed over again, after a pause', async () => {
  let failing = true
  const { throttle, calls, errors } = start(10, async () => {
    if (failing) throw new Error('away')
  })
  throttle.add('a')
  await vi.advanceTimersByTimeAsync(240)
  expect([calls.length, errors.length]).toEqual([1, 1])
  failing = false
  throttle.add('b')
  await vi.advanceTimersByTimeAsync(20)
  expect(calls[1]?.names).toEqual(['a', 'b'])
  await throttle.stop()
})

test('after the stop nothing is handed over any more, and what runs has ended', async () => {
  const slow = Promise.withResolvers<void>()
  const { throttle, calls } = start(10, () => slow.promise)
  throttle.add('a')
  throttle.add('b')
  let stopped = false
  const stop = throttle.stop().then(() => {
    stopped = true
  })
  await vi.advanceTimersByTimeAsync(50)
  expect(stopped).toBe(false)
  slow.resolve()
  await stop
  await vi.advanceTimersByTimeAsync(50)
  expect(calls.length).toBe(1)
})
