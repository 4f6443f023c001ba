import pino from 'pino'
import { expect, test } from 'vitest'
import type { BucketRoute, RouteTable } from '../../../server/domain/route/routing-table.ts'
import { freePort } from '../../support/free-port.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

const routes = (tables: Record<string, RouteTable>): BucketRoute[] =>
  Object.entries(tables).map(([bucket, table], i) => ({ bucket, number: i + 1, table }))

test('an Envoy that starts opens its port only when it knows every bucket, at 30 000 buckets too', async () => {
  const functions = await startFunctions('edge')
  const routing = await startRouting()
  routing.proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
  const many = Object.fromEntries(
    Array.from({ length: 30_000 }, (_, i) => [`bucket-${i}`, tableOf(['edge'], { timeoutMs: 1000 + (i % 7) })]),
  )
  routing.proxy.apply({ kind: 'routes', routes: routes(many) })
  routing.proxy.ready()
  for (let i = 0; i < 2; i++) {
    const [envoy, ...answers] = await Promise.all([
      routing.startEnvoy(),
      ...[0, 1, 15_000, 29_999].map((n) => routing.firstAnswer('/function/f', { bucket: `bucket-${n}` })),
    ])
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    await envoy.kill()
  }
})

test('nothing is answered before all is loaded: an Envoy that is connected early waits', async () => {
  const functions = await startFunctions('edge')
  const routing = await startRouting()
  await routing.startEnvoy()
  await expect.poll(() => routing.events).toEqual(['connected envoy-1 1.40.0'])
  routing.proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
  await expect(routing.call('/function/f', { bucket: 'photos' })).rejects.toThrow('ECONNREFUSED')
  routing.proxy.apply({ kind: 'routes', routes: routes({ photos: tableOf(['edge']) }) })
  routing.proxy.ready()
  expect((await routing.firstAnswer('/function/f', { bucket: 'photos' })).status).toBe(200)
})

test('the control plane restarts again and again under load, with changes meanwhile: no call fails, and only changes are sent', async () => {
  const servers = await Promise.all(['hpc', 'edge'].map((name) => startFunctions(name)))
  const [xdsPort, ingressPort] = [await freePort(), await freePort()]
  const tables: Record<string, RouteTable> = { photos: tableOf(['hpc']), videos: tableOf(['edge']) }
  const start = async (remembered: RouteTable[]) => {
    const routing = await startRouting({ xdsPort, ingressPort })
    routing.proxy.apply({ kind: 'tables', tables: remembered })
    routing.proxy.apply({ kind: 'endpoints', endpoints: servers.map((server) => endpointOf(server)) })
    routing.proxy.apply({ kind: 'routes', routes: routes(tables) })
    routing.proxy.ready()
    return routing
  }
  let routing = await start([])
  const envoy = await routing.startEnvoy()
  await routing.firstAnswer('/function/f', { bucket: 'photos' })
  const load = hammer(ingressPort, '/function/f', { bucket: 'photos' })
  for (let i = 0; i < 5; i++) {
    routing.proxy.stop()
    const before = Object.values(tables)
    // A table of its own each time: its class, pin and table are new to Envoy.
    tables['photos'] = tableOf([i % 2 ? 'hpc' : 'edge'], { timeoutMs: 5000 + i })
    tables[`new-${i}`] = tableOf(['hpc', 'edge'])
    routing = await start(before)
    await routing.acked(Object.keys(tables).length)
    expect((await routing.call('/function/f', { bucket: 'photos' })).headers['x-fado-served-by']).toBe(
      i % 2 ? 'hpc' : 'edge',
    )
    expect((await routing.call('/function/f', { bucket: `new-${i}` })).status).toBe(200)
  }
  const { failures } = await load.stop()
  expect(failures).toEqual([])
  // The listeners were configured once, before the first restart.
  expect(await envoy.get('/stats?filter=listener_manager.lds.update_success')).toMatch(/: [12]\n/)
})

test('an Envoy that is killed and comes back is configured anew, and both are told of', async () => {
  const functions = await startFunctions('edge')
  const routing = await startRouting()
  routing.proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
  routing.proxy.apply({ kind: 'routes', routes: routes({ photos: tableOf(['edge']) }) })
  routing.proxy.ready()
  for (let i = 0; i < 3; i++) {
    const envoy = await routing.startEnvoy()
    expect((await routing.firstAnswer('/function/f', { bucket: 'photos' })).status).toBe(200)
    expect(routing.proxy.status()).toMatchObject([
      { nodeId: 'envoy-1', envoyVersion: '1.40.0', ackedThrough: 1, exceptions: [] },
    ])
    await envoy.kill()
    await expect.poll(() => routing.proxy.status()).toEqual([])
  }
  expect(routing.events).toEqual(
    Array.from({ length: 3 }, () => ['connected envoy-1 1.40.0', 'disconnected envoy-1']).flat(),
  )
})

test("Envoy's admin interface does not show the token by which Envoy is known", async () => {
  const routing = await startRouting()
  const envoy = await routing.startEnvoy()
  const dump = await envoy.get('/config_dump?include_eds')
  expect(dump).toContain('fado_xds_token')
  expect(dump).toContain('[redacted]')
  for (const page of [dump, await envoy.get('/clusters?format=json'), await envoy.get('/server_info')])
    expect(page).not.toContain('test-token')
})

test('an Envoy without a valid token gets nothing, and FaDO tells of it once, with its address and without the token', async () => {
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  let asked = 0
  const authenticate = async () => {
    asked += 1
    return false
  }
  const routing = await startRouting({ log, authenticate })
  routing.proxy.ready()
  const envoy = await routing.startEnvoy({ token: 'wrong-token' })
  await expect.poll(() => envoy.log()).toMatch(/closed: 16, .*PROXY/)
  await expect.poll(() => asked).toBeGreaterThan(2)
  expect(routing.events).toEqual([])
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({
      peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string,
      msg: 'an Envoy may not connect: its token is not known, or not of the role PROXY',
    }),
  ])
  expect(lines.join('')).not.toContain('wrong-token')
})
