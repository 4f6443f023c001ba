// Proxies that are connected and do not answer, beside ones that do, over real gRPC.
import { expect, test } from 'vitest'
import { startRouting, tableOf } from '../../support/routing.ts'
import { type ClientResponse, connectAsEnvoy } from '../../support/xds-client.ts'

test('others get every change while one never ACKs and one does not read; both are sent no more than they take, and catch up at once', async () => {
  const routing = await startRouting({ settings: { behindMs: 50 } })
  const { proxy, xdsPort, until } = routing
  const tables = [tableOf(['edge']), tableOf(['hpc'])] as const
  let number = 0
  const route = (bucket: string) =>
    proxy.apply({ kind: 'routes', routes: [{ bucket, number: ++number, table: tables[number % 2] ?? null }] })
  for (const bucket of ['a', 'b']) route(bucket)
  proxy.ready()
  const held: ClientResponse[] = []
  let isStuck = false
  const silent = connectAsEnvoy(xdsPort, {
    nodeId: 'silent',
    answers(response) {
      if (isStuck) held.push(response)
      return !isStuck
    },
  })
  const deaf = connectAsEnvoy(xdsPort, { nodeId: 'deaf' })
  const others = Array.from({ length: 4 }, (_, i) => connectAsEnvoy(xdsPort, { nodeId: `moves-${i}` }))
  await routing.acked(number, 6)
  isStuck = true
  deaf.call.pause()
  const [seen, taken] = [silent.received.length, deaf.received.length]
  const moving = () => proxy.status().filter(({ nodeId }) => nodeId.startsWith('moves'))
  for (let i = 0; i < 200; i++) {
    route(i % 3 ? 'a' : `new-${i}`)
    await until(() =>
      moving().every(({ ackedThrough, exceptions }) => ackedThrough === number && exceptions.length === 0),
    )
  }
  expect(moving()).toHaveLength(others.length)
  expect(silent.received.length - seen).toBe(held.length)
  expect(held.length).toBeLessThanOrEqual(2)
  expect(deaf.received.length).toBe(taken)
  await expect
    .poll(() =>
      proxy
        .status()
        .filter(({ exceptions }) => exceptions.length > 0)
        .map(({ nodeId }) => nodeId),
    )
    .toEqual(['silent', 'deaf'])

  isStuck = false
  for (const { type, nonce } of held) silent.answer(type, nonce)
  deaf.call.resume()
  await routing.acked(number, 6)
  expect(silent.scopes).toEqual(others[0]?.scopes)
  expect(deaf.scopes).toEqual(others[0]?.scopes)
  for (const { received } of [silent, deaf]) expect(received.length - seen).toBeLessThan(20)
})
