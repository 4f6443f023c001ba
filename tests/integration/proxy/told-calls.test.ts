// What a real Envoy tells of its calls.
import { once } from 'node:events'
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { figuresBy } from '../../../server/domain/calls/figures.ts'
import { createTally, type ToldCall, tallyLimits } from '../../../server/domain/calls/tally.ts'
import { eventually } from '../../support/eventually.ts'
import { freePort } from '../../support/free-port.ts'
import { bucketHeader, endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'
import { toldCall } from '../../support/told-call.ts'

function hears() {
  const calls: ToldCall[] = []
  return {
    calls,
    called: (more: readonly ToldCall[]) => void calls.push(...more),
    /** Once so many were told of, by bucket: in the order in which they ended. */
    async all(count: number): Promise<ToldCall[]> {
      await eventually(`${count} calls, ${calls.length} told of`, () => calls.length >= count)
      return calls.splice(0)
    },
  }
}

const said = ({ bucket, deployment, function: name, status, whose, retries }: ToldCall) =>
  [bucket, deployment, name, status, whose, retries] as const

test('each kind of end is told with whose error it was; no query and no header is', async () => {
  const { called, all } = hears()
  const hpc = await startFunctions('hpc', async ({ url }, response) => {
    if (url === '/function/slow') await delay(60)
    if (url === '/function/late') await delay(2_000)
    if (url === '/function/broken') response.statusCode = 500
    if (url === '/function/absent') response.statusCode = 404
    if (url === '/function/cut') response.destroy()
  })
  const dead = { name: 'dead', port: await freePort() }
  const { serve, call, ingressPort } = await startRouting({ called })
  const tables = {
    photos: tableOf(['hpc'], { timeoutMs: 1_000 }),
    nobody: tableOf([]),
    out: tableOf(['gone']),
    dead: tableOf(['dead'], { retry: { tries: 1 } }),
    both: tableOf(['dead', 'hpc'], { lbPolicy: 'first' }),
  }
  await serve([endpointOf(hpc), endpointOf(dead)], tables)
  await all(1)

  const asked: [string, string | undefined, http.OutgoingHttpHeaders?][] = [
    ['/function/f/x/y?token=secret', 'photos', { authorization: 'Bearer secret' }],
    ['/function/f?token=secret', 'photos'],
    ['/function/absent', 'photos'],
    ['/function/broken', 'photos'],
    ['/function/cut', 'photos'],
    ['/function/late', 'photos'],
    ['/function/f', 'dead'],
    ['/function/f', 'nobody'],
    ['/function/f', 'out'],
    ['/else', 'photos'],
    ['/function/f', 'no-such'],
    ['/function/f', undefined],
    ['/function/f', `photos${'x'.repeat(5_000)}`],
    ['/function/f', 'photos, out'],
  ]
  for (const [path, bucket, headers = {}] of asked)
    await call(path, { ...(bucket === undefined ? {} : { bucket }), headers }).catch(() => undefined)
  expect((await all(asked.length)).map(said)).toEqual([
    ['photos', 'hpc', 'f', 200, null, 0],
    ['photos', 'hpc', 'f', 200, null, 0],
    ['photos', 'hpc', 'absent', 404, null, 0],
    ['photos', 'hpc', 'broken', 500, 'function', 0],
    ['photos', 'hpc', 'cut', 502, 'platform', 0],
    ['photos', 'hpc', 'late', 504, 'platform', 0],
    ['dead', 'dead', 'f', 502, 'platform', 0],
    ['nobody', null, 'f', 503, 'fado', 0],
    ['out', null, 'f', 503, 'platform', 0],
    ['photos', null, null, 404, 'caller', 0],
    [null, null, 'f', 404, 'caller', 0],
    [null, null, 'f', 400, 'caller', 0],
    [null, null, 'f', 404, 'caller', 0],
    [null, null, 'f', 400, 'caller', 0],
  ])
  await call('/function/f', { bucket: 'both' })
  const [both] = await all(1)
  expect(both && said(both).slice(0, 5)).toEqual(['both', 'hpc', 'f', 200, null])
  expect(both?.retries, 'the dead one was tried first').toBeGreaterThan(0)

  const leaving = http.get({ port: ingressPort, path: '/function/slow', headers: { [bucketHeader]: 'photos' } })
  leaving.on('error', () => undefined)
  await eventually('it is under way', () => hpc.active > 0)
  leaving.destroy()
  expect((await all(1)).map(({ whose }) => whose)).toEqual(['gone'])
})

test('a function is told by its name in the call where its platform has another path', async () => {
  const { called, all } = hears()
  const hpc = await startFunctions('hpc')
  const { serve, call } = await startRouting({ called })
  const url = `http://127.0.0.1:${hpc.port}/base`
  await serve([endpointOf(hpc, { url })], { photos: tableOf(['hpc']) }, '/function/first')
  const { body } = await call('/function/resize/x?y=1', { bucket: 'photos' })
  expect(JSON.parse(body)).toMatchObject({ url: expect.stringMatching(/^\/base\//) })
  expect((await all(2)).map(said)).toEqual([
    ['photos', 'hpc', 'first', 200, null, 0],
    ['photos', 'hpc', 'resize', 200, null, 0],
  ])
})

test('a deployment that shares its address with another is told as itself', async () => {
  const { called, all } = hears()
  const server = await startFunctions('hpc')
  const { proxy, startEnvoy, firstAnswer, call } = await startRouting({ called })
  const endpoints = ['edge', 'hpc'].map((name) => endpointOf({ ...server, name }))
  proxy.apply({ kind: 'endpoints', endpoints })
  proxy.apply({ kind: 'routes', routes: [{ bucket: 'photos', number: 1, table: tableOf(['edge', 'hpc']) }] })
  proxy.ready()
  await startEnvoy()
  const by = [await firstAnswer('/function/f', { bucket: 'photos' }), await call('/function/f', { bucket: 'photos' })]
  const told = (await all(2)).map(({ deployment }) => deployment)
  expect(told).toEqual(by.map(({ headers }) => headers['x-fado-served-by']))
  expect(told.toSorted()).toEqual(['edge', 'hpc'])
})

test('while nobody hears it calls go on, and once there is a control plane again it tells', async () => {
  const first = hears()
  const hpc = await startFunctions('hpc')
  const before = await startRouting({ called: first.called })
  const fleet = ({ proxy }: Pick<typeof before, 'proxy'>) => {
    proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(hpc)] })
    proxy.apply({ kind: 'routes', routes: [{ bucket: 'photos', number: 1, table: tableOf(['hpc']) }] })
    proxy.ready()
  }
  fleet(before)
  await before.startEnvoy()
  await before.firstAnswer('/function/f', { bucket: 'photos' })
  await first.all(1)
  before.proxy.stop()
  const load = hammer(before.ingressPort, '/function/f', { bucket: 'photos' })
  await eventually('calls go on', () => load.calls() > 1_000)
  const second = hears()
  const after = await startRouting({ called: second.called, xdsPort: before.xdsPort, ingressPort: before.ingressPort })
  fleet(after)
  await eventually('calls are told of', () => second.calls.length > 0)
  expect((await load.stop()).failures).toEqual([])
})

test('2 000 calls are counted each once, with their shares and times', async () => {
  const tally = createTally(tallyLimits)
  let told = 0
  const called = (calls: readonly ToldCall[]) => {
    told += calls.length
    for (const one of calls) tally.add(one)
  }
  const slowMs = 100
  const servers = await Promise.all([
    startFunctions('edge', async ({ url }) => void (url === '/function/slow' && (await delay(slowMs)))),
    startFunctions('hpc', async ({ url }) => void (url === '/function/slow' && (await delay(slowMs)))),
  ])
  const { serve, call } = await startRouting({ called })
  const endpoints = servers.map((server) => endpointOf(server, { weight: server.name === 'edge' ? 3 : 1 }))
  await serve(endpoints, { photos: tableOf(['edge', 'hpc']) }, '/function/fast')
  const agent = new http.Agent({ keepAlive: true, maxSockets: 20 })
  const paths = Array.from({ length: 1_999 }, (_, n) => (n % 10 === 0 ? '/function/slow' : '/function/fast'))
  const answers = await Promise.all(paths.map((path) => call(path, { bucket: 'photos', agent })))
  agent.destroy()
  await eventually('all are told of', () => told >= 2_000)
  const rows = tally.take().map((row) => ({ row, ago: 0 }))
  const served = (by: string) => answers.filter(({ headers }) => headers['x-fado-served-by'] === by).length
  const perMinute = (key: (row: (typeof rows)[number]['row']) => string) =>
    Array.from(figuresBy(rows, key), ([of, { callsPerSecond }]) => [of, Math.round(callsPerSecond * 60)])
  expect(perMinute(({ bucket }) => bucket ?? '')).toEqual([['photos', 2_000]])
  expect(perMinute((row) => row.function ?? '')).toEqual([
    ['fast', 1_800],
    ['slow', 200],
  ])
  const shares = new Map(perMinute(({ deployment }) => deployment ?? '') as [string, number][])
  expect(Math.abs((shares.get('edge') ?? 0) - served('edge'))).toBeLessThanOrEqual(1)
  expect((shares.get('edge') ?? 0) / 2_000).toBeCloseTo(0.75, 1)
  const slow = figuresBy(rows, (row) => (row.function === 'slow' ? 'slow' : undefined)).get('slow')
  expect(slow?.p50Ms).toBeGreaterThanOrEqual(slowMs * (1 - 1 / 32) - 1)
  expect(slow?.p50Ms).toBeLessThan(slowMs * 20)
})

test('who has no token of role PROXY tells nothing', async () => {
  const { called, calls } = hears()
  const { xdsPort } = await startRouting({ called })
  const { connect } = await import('node:http2')
  const session = connect(`http://127.0.0.1:${xdsPort}`)
  const ask = async (authorization?: string) => {
    const request = session.request({
      ...{ ':method': 'POST', ':path': '/opentelemetry.proto.collector.logs.v1.LogsService/Export' },
      ...{ 'content-type': 'application/grpc', te: 'trailers', ...(authorization ? { authorization } : {}) },
    })
    let status: unknown
    request.on('response', (headers) => (status ??= headers['grpc-status']))
    request.on('trailers', (headers) => (status ??= headers['grpc-status']))
    request.end(line(toldCall))
    request.resume()
    await once(request, 'close')
    return status
  }
  expect(await ask()).toBe('16')
  expect(await ask('Bearer other')).toBe('16')
  expect(calls).toEqual([])
  expect(await ask('Bearer test-token')).toBe('0')
  expect(calls.map(({ function: name, bucket }) => [name, bucket])).toEqual([['f', null]])
  session.close()
})

/** One record in the frame of gRPC. */
function line(text: string): Buffer {
  const field = (number: number, body: Buffer) => Buffer.concat([Buffer.from([number * 8 + 2, body.length]), body])
  const message = [1, 5, 2, 2, 1].reduce((body, number) => field(number, body), Buffer.from(text))
  const length = Buffer.alloc(5)
  length.writeUInt32BE(message.length, 1)
  return Buffer.concat([length, message])
}
