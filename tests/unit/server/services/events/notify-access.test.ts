import { expect, test } from 'vitest'
import { createNotifyAccess } from '../../../../../server/services/events/notify-access.ts'
import type { Authenticated } from '../../../../../server/services/tokens/authenticate.ts'

const holder: Authenticated = { id: 't1', name: 'stores', role: 'NOTIFY', zones: [], expiresInSeconds: null }

function access() {
  let answer: Authenticated | undefined | Error = holder
  let asked = 0
  const one = createNotifyAccess(async () => {
    asked++
    if (answer instanceof Error) throw answer
    return answer
  })
  return {
    ...one,
    asked: () => asked,
    become(now: typeof answer) {
      answer = now
    },
  }
}

test('a token that was allowed is not asked about for each event', async () => {
  const { ask, asked } = access()
  expect([await ask('s'), await ask('s'), await ask('s')]).toEqual(['allowed', 'allowed', 'allowed'])
  expect(asked()).toBe(1)
})

test('a revoked token is refused at once, and others are still known', async () => {
  const { ask, forget, become, asked } = access()
  await ask('s')
  become({ ...holder, id: 't2' })
  await ask('other')
  become(undefined)
  forget('t1')
  expect(await ask('s')).toBe('refused')
  expect(await ask('other')).toBe('allowed')
  expect(asked()).toBe(3)
})

test('while the database is away a known token goes on, and of an unknown one nothing can be said', async () => {
  const { ask, become, forget } = access()
  await ask('s')
  become(new Error('away'))
  expect(await ask('s')).toBe('allowed')
  expect(await ask('new')).toBe('unknown')
  forget('t1')
  expect(await ask('s')).toBe('unknown')
})

test('a token of another role may not post events', async () => {
  const { ask, become } = access()
  become({ ...holder, role: 'VIEWER' })
  expect(await ask('s')).toBe('refused')
})
