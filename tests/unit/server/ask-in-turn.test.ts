import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { askInTurn } from '../../../server/ask-in-turn.ts'

/** Each answers what it is, after so many milliseconds. */
async function asked(answers: Readonly<Record<string, readonly [boolean, number]>>) {
  const whom: string[] = []
  const result = await askInTurn(
    Object.keys(answers),
    async (name) => {
      whom.push(name)
      const [well, ms] = answers[name] ?? [false, 0]
      await sleep(ms)
      return `${name} ${well ? 'well' : 'ill'}`
    },
    (answer) => answer.endsWith('well'),
  )
  return { whom, result }
}

test('while the first is well nobody else is asked', async () => {
  expect(await asked({ a: [true, 0], b: [true, 0] })).toEqual({ whom: ['a'], result: ['a well'] })
})
test('the others are asked when it is not, and all answers are told in order', async () => {
  expect(await asked({ a: [false, 0], b: [true, 20], c: [false, 0] })).toEqual({
    whom: ['a', 'b', 'c'],
    result: ['a ill', 'b well', 'c ill'],
  })
})
test('they are asked too when it takes long, and it is preferred where it is well in the end', async () => {
  const { whom, result } = await asked({ a: [true, 600], b: [true, 0] })
  expect(whom).toEqual(['a', 'b'])
  expect(result).toEqual(['a well'])
})
test('of nobody nothing is asked', async () => expect(await asked({})).toEqual({ whom: [], result: [] }))
