// What a real Envoy does with deployments that were down and come back.
import http from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import type { LbPolicy } from '../../../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint } from '../../../server/domain/route/routing-table.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

const names = ['edge', 'hpc'] as const

/** Buckets edge and hpc on one cluster each, and both on both, by this policy. */
async function twoClusters(lbPolicy: LbPolicy, slowStartMs = 0) {
  const servers = await Promise.all(names.map((name) => startFunctions(name)))
  const { proxy, startEnvoy, firstAnswer, call, ingressPort } = await startRouting()
  type Healths = Partial<Record<(typeof names)[number], FaasEndpoint['health']>>
  const are = (healths: Healths) =>
    proxy.apply({
      kind: 'endpoints',
      endpoints: servers.map((server, n) => endpointOf(server, { health: healths[names[n] ?? 'edge'] ?? 'healthy' })),
    })
  proxy.apply({ kind: 'upstreams', settings: { slowStartMs, callsAtOnce: null } })
  are({})
  const buckets = [...names.map((name) => ({ bucket: name, on: [name] })), { bucket: 'both', on: [...names] }]
  const routes = buckets.map(({ bucket, on }, n) => ({ bucket, number: n + 1, table: tableOf(on, { lbPolicy }) }))
  proxy.apply({ kind: 'routes', routes })
  proxy.ready()
  await startEnvoy()
  await firstAnswer('/function/f', { bucket: 'both' })
  const agent = new http.Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  /** Who served so many calls; a status stands for who did not. */
  async function served(bucket: string, calls = 24): Promise<readonly string[]> {
    const by = new Set<string>()
    for (let n = 0; n < calls; n++) {
      const { status, headers } = await call(`/function/f?${n}`, { bucket, agent })
      by.add(status === 200 ? String(headers['x-fado-served-by']) : String(status))
    }
    return [...by].sort()
  }
  return { are, served, ingressPort, servers }
}

/** Those that spread the calls of one caller over all that may serve. */
const spreading = ['round_robin', 'least_request', 'random', 'uri_hash'] as const satisfies readonly LbPolicy[]

test.each(spreading)(
  'by %s, what comes back takes the calls of those who have nobody else, and no others',
  async (policy) => {
    const { are, served, ingressPort } = await twoClusters(policy)
    const becomes = (bucket: string, by: readonly string[]) =>
      expect.poll(() => served(bucket), { interval: 5 }).toEqual(by)
    await becomes('both', ['edge', 'hpc'])
    are({ edge: 'unhealthy' })
    await becomes('both', ['hpc'])
    await becomes('edge', ['503'])
    const load = hammer(ingressPort, '/function/f', { bucket: 'both' })
    are({ edge: 'returning' })
    await becomes('edge', ['edge'])
    expect(await served('both', 60)).toEqual(['hpc'])
    are({ edge: 'returning', hpc: 'returning' })
    await becomes('both', ['edge', 'hpc'])
    are({ edge: 'returning' })
    await becomes('both', ['hpc'])
    are({})
    await becomes('both', ['edge', 'hpc'])
    expect((await load.stop()).failures).toEqual([])
  },
)

/** Edge comes back beside hpc, and hpc has just died. */
async function spareAlone(policy: LbPolicy) {
  const { are, served, ingressPort, servers } = await twoClusters(policy)
  are({ edge: 'unhealthy' })
  await expect.poll(() => served('both'), { interval: 5 }).toEqual(['hpc'])
  are({ edge: 'returning' })
  await expect.poll(() => served('edge'), { interval: 5 }).toEqual(['edge'])
  expect(await served('both', 60)).toEqual(['hpc'])
  await servers[1]?.stop()
  return { served, ingressPort }
}

test.each(['round_robin', 'least_request'] as const)(
  'by %s, what comes back takes the calls of those who die meanwhile, before probes know, and none is lost',
  async (policy) => {
    const { served, ingressPort } = await spareAlone(policy)
    const load = hammer(ingressPort, '/function/f', { bucket: 'both' })
    const by = await served('both', 60)
    const { failures } = await load.stop()
    expect({ by, failures }).toEqual({ by: ['edge'], failures: [] })
  },
)

test.each(['random', 'uri_hash', 'ip_hash'] as const)(
  'by %s, what comes back takes the calls of those who die meanwhile, once Envoy has taken these out',
  async (policy) => {
    const { served } = await spareAlone(policy)
    await expect.poll(() => served('both', 60), { interval: 5 }).toEqual(['edge'])
  },
)

test('what this Envoy found dead is asked again within two seconds, however often it was found so', async () => {
  const [edge, hpc] = [await startFunctions('edge'), await startFunctions('hpc')]
  const { serve, ingressPort } = await startRouting()
  const envoy = await serve([endpointOf(edge), endpointOf(hpc)], { both: tableOf(['edge', 'hpc']) })
  const ejections = async () =>
    Number(/: (\d+)/.exec(await envoy.get('/stats?filter=round_robin.*ejections_enforced_total'))?.[1])
  const load = hammer(ingressPort, '/function/f', { bucket: 'both' }, 8)
  onTestFinished(async () => void (await load.stop()))
  await edge.stop()
  await expect.poll(ejections, { interval: 5, timeout: 30_000 }).toBe(4)
  const back = await startFunctions('edge', undefined, edge.port)
  await expect.poll(() => back.calls, { interval: 5, timeout: 2_000 }).toBeGreaterThan(0)
})

test('no call is lost where what comes back has its share while the one that was well is dead, and nobody knows', async () => {
  const [edge, hpc] = [await startFunctions('edge'), await startFunctions('hpc')]
  const { serve, proxy, call, ingressPort } = await startRouting()
  const edgeIs = (health: FaasEndpoint['health']) =>
    proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(edge, { health }), endpointOf(hpc)] })
  await serve([endpointOf(edge, { health: 'returning' }), endpointOf(hpc)], { both: tableOf(['edge', 'hpc']) })
  await hpc.stop()
  const load = hammer(ingressPort, '/function/f', { bucket: 'both' })
  for (let turn = 0; turn < 10; turn++) {
    edgeIs('healthy')
    for (let n = 0; n < 5; n++) await call('/function/f', { bucket: 'both' })
    edgeIs('returning')
    for (let n = 0; n < 5; n++) await call('/function/f', { bucket: 'both' })
  }
  expect((await load.stop()).failures).toEqual([])
})

test('calls that were given to what comes back, or wait for it, are answered when it has its share', async () => {
  const go = Promise.withResolvers<void>()
  const server = await startFunctions('edge', async (request) => {
    if (request.url === '/function/slow') await go.promise
  })
  const { serve, proxy, call } = await startRouting()
  proxy.apply({ kind: 'upstreams', settings: { slowStartMs: 0, callsAtOnce: 1 } })
  const envoy = await serve([endpointOf(server, { health: 'returning' })], { edge: tableOf(['edge']) })
  const slow = Array.from({ length: 4 }, () => call('/function/slow', { bucket: 'edge', method: 'POST', body: 'x' }))
  await expect.poll(() => envoy.get('/clusters'), { interval: 5 }).toContain('::rq_pending_active::3')
  expect(server.active).toBe(1)
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(server)] })
  await expect.poll(() => envoy.get('/clusters'), { interval: 5 }).toContain('::priority::0')
  go.resolve()
  expect((await Promise.all(slow)).map(({ status }) => status)).toEqual([200, 200, 200, 200])
})

test('what alone serves a bucket while it comes back loses no call when it is well', async () => {
  const { are, served, ingressPort } = await twoClusters('round_robin', 60_000)
  are({ edge: 'returning' })
  await expect.poll(() => served('both'), { interval: 5 }).toEqual(['hpc'])
  const alone = hammer(ingressPort, '/function/f', { bucket: 'edge' })
  are({})
  await expect.poll(() => served('both'), { interval: 5 }).toEqual(['edge', 'hpc'])
  expect((await alone.stop()).failures).toEqual([])
})
