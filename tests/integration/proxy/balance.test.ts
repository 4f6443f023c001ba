import http from 'node:http'
import { expect, test } from 'vitest'
import type { LbPolicy } from '../../../server/domain/policy/lb-policy.ts'
import { endpointOf, type FunctionServer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

async function fleet(lbPolicy: LbPolicy, weights: number[], slow = false) {
  const waiting: (() => void)[] = []
  const servers = await Promise.all(
    weights.map((_weight, i) =>
      startFunctions(`c${i}`, async (request) => {
        if (slow && request.url === '/function/slow') await new Promise<void>((resolve) => waiting.push(resolve))
      }),
    ),
  )
  const routing = await startRouting()
  const endpoints = servers.map((server, i) => endpointOf(server, { weight: weights[i] ?? 1 }))
  routing.proxy.apply({ kind: 'endpoints', endpoints })
  const names = servers.map(({ name }) => name)
  routing.proxy.apply({
    kind: 'routes',
    routes: [
      { bucket: 'all', number: 1, table: tableOf(names, { lbPolicy }) },
      { bucket: 'first', number: 2, table: tableOf(names.slice(0, 1), { lbPolicy }) },
    ],
  })
  routing.proxy.ready()
  await routing.startEnvoy()
  await routing.firstAnswer('/function/f', { bucket: 'all' })
  const agent = new http.Agent({ keepAlive: true })
  /** Who served, in order. */
  async function calls(count: number, bucket = 'all') {
    const served: string[] = []
    for (let i = 0; i < count; i++) {
      const { headers } = await routing.call('/function/f', { bucket, agent })
      served.push(String(headers['x-fado-served-by']))
    }
    return served
  }
  const release = () => {
    for (const resume of waiting.splice(0)) resume()
  }
  return { ...routing, servers, calls, agent, release }
}

const count = (served: string[], name: string) => served.filter((by) => by === name).length

test('ROUND_ROBIN takes each cluster in turn', async () => {
  const { calls, agent } = await fleet('round_robin', [1, 1, 1])
  const served = await calls(60)
  for (const name of ['c0', 'c1', 'c2']) expect(count(served, name)).toBe(20)
  for (let i = 3; i < served.length; i++) expect(served[i]).toBe(served[i - 3])
  agent.destroy()
})

test('RANDOM gives each cluster its share, in no order', async () => {
  const { calls, agent } = await fleet('random', [1, 1, 1])
  const served = await calls(600)
  for (const name of ['c0', 'c1', 'c2']) expect(Math.abs(count(served, name) - 200)).toBeLessThan(60)
  const repeats = served.filter((by, i) => by === served[i - 1]).length
  expect(repeats).toBeGreaterThan(120)
  agent.destroy()
})

test.for<LbPolicy>(['round_robin', 'random', 'least_request'])('weights share out the calls by %s', async (policy) => {
  const { calls, agent } = await fleet(policy, [1, 3])
  const served = await calls(400)
  const tolerance = policy === 'random' ? 50 : 12
  expect(Math.abs(count(served, 'c1') - 300)).toBeLessThan(tolerance)
  agent.destroy()
})

test('LEAST_REQUEST goes where the fewest calls are under way, also those of other buckets', async () => {
  const { call, calls, servers, agent, release } = await fleet('least_request', [1, 1], true)
  const held = Array.from({ length: 4 }, () => call('/function/slow', { bucket: 'first' }))
  await expect.poll(() => active(servers[0])).toBe(4)
  // One in 32 is drawn without a look at the idle one.
  expect(count(await calls(40), 'c1')).toBeGreaterThan(32)
  release()
  await Promise.all(held)
  expect(count(await calls(200), 'c0')).toBeGreaterThan(40)
  agent.destroy()
})

test('a dead cluster costs a try, not a call, whatever the policy', async () => {
  for (const policy of ['round_robin', 'random', 'least_request'] as const) {
    const { proxy, calls, servers, agent, call } = await fleet(policy, [1, 1, 1])
    const dead = servers[0]
    proxy.apply({
      kind: 'endpoints',
      endpoints: servers.map((server) => endpointOf(server === dead ? { ...server, port: 1 } : server)),
    })
    const tries: string[] = []
    for (let i = 0; i < 60; i++) {
      const answer = await call('/function/f', { bucket: 'all', agent })
      expect(answer.status).toBe(200)
      tries.push(String(answer.headers['x-fado-decision']).split('try=')[1] ?? '')
    }
    expect(tries).toContain('2')
    expect(count(await calls(20), 'c0')).toBe(0)
    agent.destroy()
  }
})

const active = (server: FunctionServer | undefined) => server?.active
