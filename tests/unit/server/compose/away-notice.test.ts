import { expect, test } from 'vitest'
import { createAwayNotice } from '../../../../server/compose/away-notice.ts'

test('who pings is told that FaDO cannot work once two looks in a row found so, waits for no look, and is told when it works again', async () => {
  const looks: ((why: string | undefined) => void)[] = []
  const notice = createAwayNotice(() => new Promise((resolve) => looks.push(resolve)))
  const answer = async (why: string | undefined) => {
    looks.at(-1)?.(why)
    await Promise.resolve()
    await Promise.resolve()
  }
  expect(notice()).toBe(false)
  expect(notice(), 'however many ask').toBe(false)
  expect(looks).toHaveLength(1)
  await answer('no answer within 1 s')
  expect(notice(), 'one alone').toBe(false)
  await answer('no answer within 1 s')
  expect(notice()).toBe(true)
  await answer(undefined)
  expect(notice()).toBe(false)
  await answer('no answer within 1 s')
  expect(notice(), 'not in a row').toBe(false)
})
