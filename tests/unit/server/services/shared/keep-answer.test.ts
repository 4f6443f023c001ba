import { expect, test } from 'vitest'
import { keepAnswer } from '../../../../../server/services/shared/keep-answer.ts'

function slow(ms: number) {
  let [clock, asked] = [0, 0]
  const ask = keepAnswer(
    async () => {
      clock += ms
      return ++asked
    },
    10,
    () => clock,
  )
  return { ask, pass: (time: number) => (clock += time) }
}

test('an answer is kept ten times as long as it took', async () => {
  const { ask, pass } = slow(5)
  expect(await ask()).toBe(1)
  pass(49)
  expect(await ask()).toBe(1)
  pass(1)
  expect(await ask()).toBe(2)
})

test('those who ask while it is on its way share it, and a failure is not kept', async () => {
  let asked = 0
  const ask = keepAnswer(async () => {
    if (++asked === 1) throw new Error('away')
    return asked
  }, 10)
  await Promise.all([ask(), ask()].map((one) => expect(one).rejects.toThrow('away')))
  expect(asked).toBe(1)
  expect(await ask()).toBe(2)
})
