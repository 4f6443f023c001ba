import { expect, test } from 'vitest'
import { afterProbe, proberAtFault, unprobed } from '../../../../server/domain/fleet/health-verdict.ts'

const run = (...answers: boolean[]) => answers.reduce(afterProbe, unprobed).healthy

test('three misses in a row mean down, fewer do not', () => {
  expect(run(false, false)).toBe(true)
  expect(run(false, false, false)).toBe(false)
  expect(run(false, false, true, false, false)).toBe(true)
})
test('one success brings it back', () => expect(run(false, false, false, false, true)).toBe(true))
test('when most of at least five fail at once the prober doubts itself, with fewer each failure counts', () => {
  const round = (ok: number, bad: number) =>
    [...Array(ok).fill(true), ...Array(bad).fill(false)].map((one: boolean) => ({ ok: one, detail: null }))
  expect(proberAtFault(round(2, 3))).toBe(true)
  expect(proberAtFault(round(3, 3))).toBe(false)
  expect(proberAtFault(round(0, 4))).toBe(false)
})
