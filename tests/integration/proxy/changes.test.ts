import http from 'node:http'
import { expect, test } from 'vitest'
import type { RoutingProxyOptions } from '../../../proxy/routing-proxy.ts'
import type { BucketRoute, RouteTable } from '../../../server/domain/route/routing-table.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

async function threeClusters(settings: RoutingProxyOptions['settings'] = {}) {
  const servers = await Promise.all(['hpc', 'edge', 'cloud'].map((name) => startFunctions(name)))
  const routing = await startRouting({ settings })
  let number = 0
  const apply = (...routes: [bucket: string, table: RouteTable | null][]) => {
    const changes: BucketRoute[] = routes.map(([bucket, table]) => ({ bucket, number: ++number, table }))
    routing.proxy.apply({ kind: 'routes', routes: changes })
  }
  routing.proxy.apply({ kind: 'endpoints', endpoints: servers.map((server) => endpointOf(server)) })
  apply(['photos', tableOf(['hpc'])])
  routing.proxy.ready()
  const envoy = await routing.startEnvoy({ concurrency: 2 })
  await routing.firstAnswer('/function/f', { bucket: 'photos' })
  /** Until Envoy has ACKed. */
  const move = async (bucket: string, table: RouteTable | null) => {
    apply([bucket, table])
    await routing.acked(number)
  }
  const resources = () => [...routing.proxy.resources(routing.proxy.status()[0]?.streamId ?? '')]
  return { ...routing, servers, envoy, apply, move, resources, number: () => number }
}

test('a bucket moves again and again under load: no call fails, and after the ACK none goes to the old cluster', async () => {
  // Every change is late, as on a busy machine.
  const { move, ingressPort, call } = await threeClusters({ behindMs: 1 })
  const load = hammer(ingressPort, '/function/f', { bucket: 'photos' })
  const classes = [['edge'], ['cloud'], ['hpc', 'edge'], ['edge', 'cloud'], ['hpc'], ['hpc', 'edge', 'cloud']]
  for (let i = 0; i < 60; i++) {
    const clusters = classes[i % classes.length] ?? []
    // A time limit of its own makes each table new: class, pin and table go out before the bucket moves.
    await move('photos', tableOf(clusters, { timeoutMs: 5000 + i, lbPolicy: i % 2 ? 'random' : 'round_robin' }))
    for (let j = 0; j < 3; j++) {
      const { headers } = await call('/function/f', { bucket: 'photos' })
      expect(clusters).toContain(headers['x-fado-served-by'])
    }
  }
  const { calls, failures } = await load.stop()
  expect(failures).toEqual([])
  expect(calls).toBeGreaterThan(100)
})

test('tables, pins and classes that nobody needs leave Envoy, and nothing else does', async () => {
  const { move, resources, envoy } = await threeClusters()
  for (let i = 0; i < 5; i++) await move('photos', tableOf(['edge'], { timeoutMs: 1000 + i }))
  await move('videos', tableOf(['cloud', 'hpc']))
  const names = () => resources().map(({ name }) => name.split('/', 1)[0])
  await expect.poll(() => names().filter((name) => name === 'table').length).toBe(2)
  expect(names().filter((name) => name === 'pin').length).toBe(2)
  expect(names().filter((name) => name === 'bucket').length).toBe(2)
  expect(resources().every(({ state }) => state === 'ACKED')).toBe(true)
  const dump = await envoy.get('/config_dump?resource=dynamic_route_configs')
  expect(dump.match(/"name": "table\//g)?.length).toBe(2)
  const endpoints = await envoy.get('/config_dump?include_eds')
  const classes = new Set([...endpoints.matchAll(/"class": \[\s*("[^\]]*")?\s*\]/g)].map((match) => match[1]?.trim()))
  expect([...classes].filter(Boolean).length).toBe(2)
})

test('a withdrawn bucket is 404 from the ACK on', async () => {
  const { move, call } = await threeClusters()
  await move('videos', tableOf(['edge']))
  expect((await call('/function/f', { bucket: 'videos' })).status).toBe(200)
  await move('videos', null)
  expect((await call('/function/f', { bucket: 'videos' })).status).toBe(404)
  await move('videos', tableOf(['cloud']))
  expect((await call('/function/f', { bucket: 'videos' })).headers['x-fado-served-by']).toBe('cloud')
})

test('deployments come, go and change weight and health under load without a failed call', async () => {
  const { proxy, servers, ingressPort, move, acked, number } = await threeClusters()
  await move('photos', tableOf(['hpc', 'edge', 'cloud']))
  const load = hammer(ingressPort, '/function/f', { bucket: 'photos' })
  for (let i = 0; i < 40; i++) {
    const endpoints = servers.map((server, j) =>
      endpointOf(server, { weight: 1 + ((i + j) % 3), health: (i + j) % 3 === 0 ? 'unhealthy' : 'healthy' }),
    )
    proxy.apply({ kind: 'endpoints', endpoints: i % 4 === 3 ? endpoints.slice(1) : endpoints })
    const before = load.calls()
    await expect.poll(() => load.calls(), { interval: 2 }).toBeGreaterThan(before + 8)
  }
  expect((await load.stop()).failures).toEqual([])
  await acked(number())
})

test('the header that names the bucket can be another one', async () => {
  const { proxy, call } = await threeClusters()
  const kept = new http.Agent({ keepAlive: true })
  const named = (agent: http.Agent) => call('/function/f', { headers: { 'x-data-set': 'photos' }, agent })
  expect((await named(kept)).status).toBe(400)
  proxy.apply({ kind: 'match-header', name: 'X-Data-Set' })
  await expect.poll(async () => (await named(new http.Agent())).status).toBe(200)
  // Connections from before follow within Envoy's drain time.
  await expect.poll(async () => (await named(kept)).status, { timeout: 10_000 }).toBe(200)
  kept.destroy()
  const answer = await call('/function/f', { bucket: 'photos', agent: new http.Agent() })
  expect(answer.status).toBe(400)
  expect(answer.body).toContain('X-Data-Set')
  for (const name of ['no header', 'x'.repeat(65)])
    expect(() => proxy.apply({ kind: 'match-header', name })).toThrow('no header name')
  for (const origin of ['app.example', 'https://app.example/path', 'https://*.example'])
    expect(() => proxy.apply({ kind: 'cors-origins', origins: [origin] })).toThrow('no origin')
})

test('a change is one small message: nothing that is unchanged is sent again', async () => {
  const { move, apply, acked, number, envoy } = await threeClusters()
  apply(...Array.from({ length: 2000 }, (_, i) => [`bucket-${i}`, tableOf(['hpc'])] as [string, RouteTable]))
  await acked(number())
  await move('bucket-7', tableOf(['edge']))
  const received = async (what: string) => Number(/: (\d+)/.exec(await envoy.get(`/stats?filter=${what}`))?.[1])
  const before = [await received('cluster_manager.cds.update_success'), await received('upstream_cx_rx_bytes_total')]
  const bytes = () => received('cluster.fado_xds.upstream_cx_rx_bytes_total')
  const from = await bytes()
  for (let i = 0; i < 10; i++) await move('bucket-9', tableOf([i % 2 ? 'hpc' : 'edge']))
  expect((await bytes()) - from).toBeLessThan(10 * 600)
  expect(await received('cluster_manager.cds.update_success')).toBe(before[0])
})

test('two changes of one bucket at once end in the later one', async () => {
  const { apply, acked, number, call } = await threeClusters()
  for (let i = 0; i < 20; i++) {
    apply(['photos', tableOf(['edge'], { timeoutMs: 100 + i })])
    apply(['photos', null])
    apply(['photos', tableOf(['cloud'], { timeoutMs: 100 + i })])
    await acked(number())
    expect((await call('/function/f', { bucket: 'photos' })).headers['x-fado-served-by']).toBe('cloud')
  }
})
