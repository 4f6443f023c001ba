import { expect, test } from 'vitest'
import { neverFailed, nextRestart, steadyMs } from '../../../../server/supervise/restart-policy.ts'

/** The pauses before each restart of a part that always dies after `ranMs`. */
function pauses(count: number, ranMs: number): number[] {
  let state = neverFailed
  return Array.from({ length: count }, () => {
    const restart = nextRestart(state, ranMs)
    state = restart.state
    return restart.pauseMs
  })
}

test('the first restart comes at once', () => {
  expect(pauses(1, 0)).toEqual([0])
})

test('a part that keeps dying is started ever later, but never later than a second', () => {
  expect(pauses(9, 50)).toEqual([0, 100, 200, 400, 800, 1000, 1000, 1000, 1000])
})

test('however often a part that runs well is killed, it is started again at once', () => {
  expect(pauses(5, steadyMs)).toEqual([0, 0, 0, 0, 0])
})

test('a run that went well forgives the deaths before it', () => {
  const { state } = nextRestart({ failures: 7 }, steadyMs)
  expect(nextRestart(state, 0).pauseMs).toBe(100)
})
