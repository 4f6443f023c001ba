// What Envoys tell of their calls, on its way to who counts it.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readMessage } from '../../../proxy/call-log/log-message.ts'
import { createToldCalls } from '../../../proxy/call-log/told-calls.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

const paceMs = 5_000
const line = (weight = 1) =>
  [weight, '10.0.0.1:80', 200, '-', 'via_upstream', 1, 1, 'photos', '-', '-', '/function/f'].join('\n')

test('the pace of an Envoy is told once it was counted for long enough, and of those that are connected alone', () => {
  let clock = 0
  const streams = new Map<string, { nodeId: string; connectedAt: number }>([['1', { nodeId: 'edge', connectedAt: 0 }]])
  let counted = 0
  const paces: [string, number][] = []
  const calls = createToldCalls({
    ...{ model: { routes: new Map(), endpoints: () => [] }, streams, now: () => clock, paceMs },
    called(told) {
      for (const { weight } of told) counted += weight
    },
    paced: (streamId, pace) => void paces.push([streamId, pace]),
  })
  const pass = (ms: number) => {
    clock += ms
    vi.advanceTimersByTime(ms)
  }
  calls.told({ nodeId: 'edge', lines: [line(), line(16)] })
  pass(3_000)
  for (const nodeId of ['hpc', undefined]) calls.told({ nodeId, lines: [line()] })
  streams.set('2', { nodeId: 'hpc', connectedAt: clock })
  calls.told({ nodeId: 'hpc', lines: [line(), 'no line'] })
  pass(2_000)
  expect([counted, paces.splice(0)]).toEqual([20, [['1', 17 / 5]]])
  calls.told({ nodeId: 'hpc', lines: Array.from({ length: 10 }, () => line()) })
  pass(paceMs)
  expect(paces.splice(0)).toEqual([
    ['1', 0],
    ['2', 2],
  ])
  calls.stop()
  pass(paceMs)
  expect(paces).toEqual([])
})

test('a log that is longer than any Envoy tells is not read', () => {
  const [field, most] = [Buffer.from([0x7a, 0xfb, 0xff, 0xff, 1]), 4 * 1024 * 1024]
  const whole = Buffer.concat([field, Buffer.alloc(most - field.length)])
  expect(readMessage(whole)).toEqual({ nodeId: undefined, lines: [] })
  expect(() => readMessage(Buffer.concat([whole, Buffer.from([0x7a, 0])]))).toThrow('a log of calls has')
})
