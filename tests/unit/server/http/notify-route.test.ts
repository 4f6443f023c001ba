import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { createNotifyRoute } from '../../../../server/http/notify-route.ts'

type Access = 'allowed' | 'refused' | 'unknown'

/** The route before a webhook that knows the token as this; posts one event. */
async function post(access: Access, body = 'event') {
  const done: string[] = []
  const told: string[] = []
  const route = createNotifyRoute({
    webhook: {
      ask: async () => access,
      take: (body) => done.push(`took ${body}`),
      missed: () => void done.push('missed one'),
      stop: async () => undefined,
    },
    metrics: {
      taken: (events) => void told.push(`taken ${events}`),
      refused: () => void told.push('refused'),
      missed: () => void told.push('missed'),
    },
  })
  const server = createServer((request, response) => {
    Promise.resolve(route(request, response)).catch(() => response.writeHead(413).end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const headers = { authorization: 'Bearer a-token', connection: 'close' }
  const { status } = await fetch(`http://127.0.0.1:${port}/api/notify`, { method: 'POST', body, headers })
  return { status, done, told }
}

test('an event is taken where its token is known, and refused where it is wrong', async () => {
  expect(await post('allowed')).toEqual({ status: 204, done: ['took event'], told: ['taken 1'] })
  expect(await post('refused')).toEqual({ status: 401, done: [], told: ['refused'] })
})

test('an event that cannot be judged is lost to its store, so it is told as missed', async () => {
  expect(await post('unknown')).toEqual({ status: 503, done: ['missed one'], told: ['missed'] })
})

test('an event that is too large to be read is told as missed', async () => {
  expect(await post('allowed', 'x'.repeat(1_000_001))).toEqual({ status: 413, done: ['missed one'], told: ['missed'] })
})
