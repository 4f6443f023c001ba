// Calls of gRPC through a real Envoy, between a real client and real servers.
import { once } from 'node:events'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { status } from '@grpc/grpc-js'
import { expect, onTestFinished, test } from 'vitest'
import { ownClaims, ownIssuer, ownKeyPrefix } from '../../../server/domain/callers/by-token.ts'
import type { ToldCall } from '../../../server/domain/calls/tally.ts'
import type { FaasEndpoint, RouteTable } from '../../../server/domain/route/routing-table.ts'
import { createAuthority } from '../../support/certificates.ts'
import { eventually } from '../../support/eventually.ts'
import { freePort } from '../../support/free-port.ts'
import { grpcClient, startGrpcServer } from '../../support/grpc.ts'
import { endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'
import { keySet, signingKey, token } from '../../support/tokens.ts'

const ofGrpc = (server: { name: string; port: number }, more: Partial<FaasEndpoint> = {}) =>
  endpointOf(server, { takes: 'grpc', ...more })

/** An ingress that has all of it. */
async function routed(
  endpoints: readonly FaasEndpoint[],
  tables: Readonly<Record<string, RouteTable>>,
  before: (routing: Awaited<ReturnType<typeof startRouting>>) => void = () => {},
  options: Parameters<typeof startRouting>[0] = {},
) {
  const routing = await startRouting(options)
  before(routing)
  const envoy = await routing.serve(endpoints, tables, '/', { concurrency: 1 })
  return { ...routing, envoy, client: grpcClient(routing.ingressPort) }
}

test('each form of call passes, with headers, messages both ways as they come, and trailers', async () => {
  const server = await startGrpcServer('edge')
  const { client } = await routed([ofGrpc(server)], { photos: tableOf(['edge']) })
  const photos = { bucket: 'photos' }
  const said = await client.unary('Say', 'hello', { ...photos, headers: { 'x-said': 'aloud' } })
  expect(said).toMatchObject({ text: 'edge heard hello', code: status.OK })
  expect(said.metadata.get('x-fado-served-by')).toEqual(['edge'])
  expect(said.metadata.get('x-fado-decision')[0]).toMatch(/;round_robin;try=1$/)
  expect(said.trailers.get('x-heard')).toEqual(['aloud'])
  expect(await client.count(1000, photos)).toEqual(Array.from({ length: 1000 }, (_, n) => String(n + 1)))
  expect(await client.join(['a', 'b', 'c'], photos)).toBe('a+b+c')
  const chat = client.chat(photos)
  for (const part of ['one', 'two', 'three']) {
    chat.write(part)
    expect((await once(chat, 'data'))[0]).toBe(`got ${part}`)
  }
  chat.end()
  const [ended] = (await once(chat.resume(), 'status')) as [{ code: status }]
  expect(ended.code).toBe(status.OK)
})

test('what a server fails with arrives, and a deadline ends a call there, too', async () => {
  const server = await startGrpcServer('edge')
  const { client } = await routed([ofGrpc(server)], {
    photos: tableOf(['edge']),
    short: tableOf(['edge'], { timeoutMs: 200 }),
  })
  const failed = await client.unary('Fail', 'x', { bucket: 'photos' })
  expect(failed).toMatchObject({ code: status.FAILED_PRECONDITION, details: 'not on edge' })
  expect(failed.trailers.get('x-why')).toEqual(['because'])
  expect(await client.unary('Wait', 'x', { bucket: 'photos', deadlineMs: 300 })).toMatchObject({
    code: status.DEADLINE_EXCEEDED,
  })
  await eventually('the server hears of it', () => server.cancelled === 1)
  const late = await client.unary('Wait', 'x', { bucket: 'short' })
  expect(late.code, 'invocation_timeout').toBe(status.DEADLINE_EXCEEDED)
  await eventually('the server hears of that, too', () => server.cancelled === 2)
})

test('a server is told until when its caller waits, and never a later time than invocation_timeout', async () => {
  const server = await startGrpcServer('edge')
  const { client } = await routed([ofGrpc(server)], {
    photos: tableOf(['edge'], { timeoutMs: 10_000 }),
    endless: tableOf(['edge'], { timeoutMs: 0 }),
  })
  const left = async (bucket: string, deadlineMs?: number) => {
    const { trailers } = await client.unary('Say', 'x', { bucket, ...(deadlineMs ? { deadlineMs } : {}) })
    return Number(trailers.get('x-left')[0])
  }
  const cases: [string, number | undefined, number][] = [
    ['photos', 5_000, 5_000],
    ['photos', 60_000, 10_000],
    ['photos', undefined, 10_000],
    ['endless', 60_000, 60_000],
  ]
  for (const [bucket, deadlineMs, most] of cases) {
    const found = await left(bucket, deadlineMs)
    expect(found, `${bucket} ${deadlineMs}`).toBeLessThanOrEqual(most)
    expect(found, `${bucket} ${deadlineMs}`).toBeGreaterThan(most - 4_000)
  }
  expect(await left('endless')).toBe(Number.POSITIVE_INFINITY)
})

test('a call whose own deadline is over is ended, and is no error of anybody', async () => {
  const server = await startGrpcServer('edge')
  const told: ToldCall[] = []
  const { call } = await routed([ofGrpc(server)], { photos: tableOf(['edge'], { timeoutMs: 1_000 }) }, undefined, {
    called: (calls) => void told.push(...calls),
  })
  const wait = (headers = {}) =>
    call('/function/greeter/test.Echo/Wait', {
      ...{ bucket: 'photos', method: 'POST', body: Buffer.from([0, 0, 0, 0, 1, 120]) },
      headers: { 'content-type': 'application/grpc', te: 'trailers', ...headers },
    })
  for (const headers of [{ 'grpc-timeout': '200m' }, {}])
    expect((await wait(headers)).headers['grpc-status']).toBe(String(status.DEADLINE_EXCEEDED))
  const whose = () => told.flatMap((one) => (one.function === 'greeter' ? [one.whose] : []))
  // A server that is told the deadline may answer first: then it has answered, and the call is as all that are.
  const either = (whose: ToldCall['whose']) => expect.toBeOneOf([whose, null])
  await expect.poll(whose).toEqual([either('gone'), either('platform')])
  expect(server.cancelled).toBe(2)
})

test('what becomes a WebSocket is no call of gRPC, whatever its content type says', async () => {
  const [plain, grpc] = [await startFunctions('edge'), await startGrpcServer('hpc')]
  const { call } = await routed([endpointOf(plain), ofGrpc(grpc)], { both: tableOf(['edge', 'hpc']) })
  const headers = { connection: 'upgrade', upgrade: 'websocket', 'content-type': 'application/grpc' }
  for (let n = 0; n < 4; n++) {
    const answer = await call('/function/f', { bucket: 'both', headers })
    expect(answer.headers['x-fado-served-by']).toBe('edge')
  }
  expect(plain.calls).toBe(4)
})

test('calls of gRPC and others each meet only deployments that take them; one may take both', async () => {
  const [plain, grpc] = [await startFunctions('edge'), await startGrpcServer('hpc')]
  const { client, call, proxy } = await routed([endpointOf(plain), ofGrpc(grpc)], {
    both: tableOf(['edge', 'hpc']),
    edge: tableOf(['edge']),
    hpc: tableOf(['hpc']),
    inOrder: tableOf(['edge', 'hpc'], { lbPolicy: 'first' }),
  })
  for (const bucket of ['both', 'hpc', 'inOrder'])
    for (let n = 0; n < 6; n++) expect((await client.unary('Say', 'x', { bucket })).text, bucket).toBe('hpc heard x')
  for (const bucket of ['both', 'edge', 'inOrder'])
    for (let n = 0; n < 6; n++) expect((await call('/function/f', { bucket })).status, bucket).toBe(200)
  const refused = await client.unary('Say', 'x', { bucket: 'edge' })
  expect(refused.code).toBe(status.UNAVAILABLE)
  expect(refused.details).toContain('"type":"urn:fado:problem:no-grpc-upstream"')
  expect(refused.details).toContain('No healthy function deployment that takes gRPC')
  expect(refused.details).toContain('--takes both')
  const unserved = await call('/function/f', { bucket: 'hpc' })
  expect([unserved.status, JSON.parse(unserved.body.toString()).type]).toEqual([503, 'urn:fado:problem:no-upstream'])
  expect([plain.calls, grpc.calls]).toEqual([18, 18])
  const web = await call('/function/f', {
    bucket: 'edge',
    method: 'POST',
    headers: { 'content-type': 'application/grpc-web+proto' },
  })
  expect(web.status, 'gRPC-Web goes over HTTP/1.1').toBe(200)
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(plain), ofGrpc(grpc, { takes: 'both' })] })
  await expect
    .poll(async () => {
      const { headers } = await call('/function/f', { bucket: 'both' })
      return headers['x-fado-served-by']
    })
    .toBe('hpc')
})

test('the first deployment that takes gRPC, and the end of the last, lose no other call', async () => {
  const [plain, grpc] = [await startFunctions('edge'), await startGrpcServer('hpc')]
  const { client, call, proxy } = await routed([endpointOf(plain)], { photos: tableOf(['edge', 'hpc']) })
  const statuses = new Set<number>()
  let on = true
  const load = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (on) statuses.add((await call('/function/f', { bucket: 'photos' })).status)
    }),
  )
  const say = async () => (await client.unary('Say', 'x', { bucket: 'photos' })).text
  for (let n = 0; n < 5; n++) {
    proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(plain), ofGrpc(grpc)] })
    await expect.poll(say, { interval: 5 }).toBe('hpc heard x')
    for (let more = 0; more < 20; more++) expect(await say()).toBe('hpc heard x')
    proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(plain)] })
    await expect.poll(say, { interval: 5 }).toBeNull()
  }
  on = false
  await load
  expect([...statuses]).toEqual([200])
})

test('a dead server costs no call: what was not sent goes to another cluster', async () => {
  const hpc = await startGrpcServer('hpc')
  const { client } = await routed([ofGrpc({ name: 'edge', port: await freePort() }), ofGrpc(hpc)], {
    photos: tableOf(['edge', 'hpc']),
  })
  for (let n = 0; n < 20; n++)
    expect((await client.unary('Say', String(n), { bucket: 'photos' })).text).toBe(`hpc heard ${n}`)
})

/** Takes each call, and then ends it like this. */
async function takesAndEnds(name: string, end: (stream: http2.ServerHttp2Stream) => void) {
  let taken = 0
  const server = http2.createServer().on('session', (session) => session.on('error', () => {}))
  server.on('stream', (stream) => {
    taken++
    end(stream.on('error', () => {}))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  return { name, port: (server.address() as AddressInfo).port, taken: () => taken }
}

test.for<[string, (stream: http2.ServerHttp2Stream) => void]>([
  ['cuts its connection', (stream) => stream.session?.destroy()],
  ['resets it', (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR)],
  ['has no answer', (stream) => stream.respond({ ':status': 503 }, { endStream: true })],
])('a call that a server has taken, which then %s, is given to no other', async ([, end]) => {
  const [edge, hpc] = [await takesAndEnds('edge', end), await takesAndEnds('hpc', end)]
  const { client } = await routed([ofGrpc(edge), ofGrpc(hpc)], {
    photos: tableOf(['edge', 'hpc'], { retry: { rule: 'idempotent', tries: 5, tryMs: 5_000 } }),
  })
  for (let n = 1; n <= 4; n++) {
    expect((await client.unary('Say', 'x', { bucket: 'photos' })).code).toBe(status.UNAVAILABLE)
    expect(edge.taken() + hpc.taken()).toBe(n)
  }
})

test('a server that goes under load, and says so, costs no call', async () => {
  const [edge, hpc] = [await startGrpcServer('edge'), await startGrpcServer('hpc')]
  const { ingressPort } = await routed([ofGrpc(edge), ofGrpc(hpc)], { photos: tableOf(['edge', 'hpc']) })
  const client = grpcClient(ingressPort)
  const failures: unknown[] = []
  let on = true
  const load = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (on) {
        const answer = await client.unary('Say', 'x', { bucket: 'photos' })
        if (answer.code !== status.OK) failures.push(answer)
      }
    }),
  )
  await eventually('both have calls', () => edge.calls > 50 && hpc.calls > 50)
  await edge.drain()
  const before = hpc.calls
  await eventually('calls go on', () => hpc.calls > before + 300)
  on = false
  await load
  expect(failures).toEqual([])
})

test('calls_at_once bounds calls of gRPC: more wait in Envoy for one that ends', async () => {
  const server = await startGrpcServer('edge')
  const { client } = await routed([ofGrpc(server)], { photos: tableOf(['edge']) }, ({ proxy }) =>
    proxy.apply({ kind: 'upstreams', settings: { slowStartMs: 0, callsAtOnce: 2 } }),
  )
  const calls = Array.from({ length: 6 }, () => client.unary('Wait', 'x', { bucket: 'photos' }))
  for (let begun = 2; begun <= 6; begun++) {
    await eventually('a call for each place', () => server.calls === begun)
    expect(server.active).toBe(2)
    server.answerWaiting(1)
  }
  server.answerWaiting()
  expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(Array(6).fill('at last'))
})

test('who may not call, names no bucket or one that is not there, or no function, gets a status of gRPC that says so', async () => {
  const server = await startGrpcServer('edge')
  const own = signingKey('nurse')
  const nurse = { id: 'nurse', kind: 'token' as const, issuer: ownIssuer, audiences: [], claims: ownClaims('nurse') }
  const keys = { [ownIssuer]: keySet(own) }
  const { client } = await routed(
    [ofGrpc(server)],
    {
      open: tableOf(['edge']),
      records: tableOf(['edge'], { callers: ['nurse'] }),
      closed: tableOf(['edge'], { callers: [] }),
    },
    ({ proxy }) => proxy.apply({ kind: 'callers', callers: [nurse], keys, hidesBuckets: false }),
  )
  const key = { authorization: `Bearer ${ownKeyPrefix}${token(own, { iss: ownIssuer, sub: 'nurse' })}` }
  const ask = async (bucket: string | undefined, headers = {}) =>
    (await client.unary('Say', 'x', { ...(bucket ? { bucket } : {}), headers })).code
  expect(await ask('records', key)).toBe(status.OK)
  expect(await ask('records')).toBe(status.UNAUTHENTICATED)
  expect(await ask('closed', key)).toBe(status.PERMISSION_DENIED)
  expect(await ask('nowhere')).toBe(status.UNIMPLEMENTED)
  expect(await ask(undefined)).toBe(status.INTERNAL)
  expect((await client.unary('Say', 'x', { bucket: 'open', functionName: '' })).code).toBe(status.UNIMPLEMENTED)
  expect(server.calls).toBe(1)
})

test('a platform gets its host and its proof with calls of gRPC, too, and of a retry only its own', async () => {
  const [edge, hpc] = [await startGrpcServer('edge'), await startGrpcServer('hpc')]
  const dead = { name: 'dead', port: await freePort() }
  const keyed = (key: string): Partial<FaasEndpoint> => ({
    auth: { kind: 'key', header: 'x-said' },
    secrets: { version: '1', header: key },
  })
  const { client } = await routed(
    [
      ofGrpc(edge, { pathTemplate: '//{name}.example{rest}', ...keyed('the key of edge') }),
      ofGrpc(hpc),
      ofGrpc(dead, keyed('the key of the dead')),
    ],
    { edge: tableOf(['edge']), both: tableOf(['dead', 'hpc']) },
  )
  const said = await client.unary('Say', 'x', { bucket: 'edge', headers: { 'x-said': 'of the caller' } })
  expect(said.text).toBe('edge heard x')
  expect([said.trailers.get('x-heard'), said.trailers.get('x-host')]).toEqual([
    ['the key of edge'],
    ['greeter.example'],
  ])
  for (let n = 0; n < 4; n++) {
    const { trailers } = await client.unary('Say', 'x', { bucket: 'both', headers: { 'x-said': 'of the caller' } })
    expect(trailers.get('x-heard')).toEqual(['of the caller'])
  }
})

test('over TLS HTTP/2 is agreed on, beside deployments without TLS', async () => {
  const authority = await createAuthority()
  const [plain, secret] = [
    await startGrpcServer('edge'),
    await startGrpcServer('hpc', 0, await authority.issue(['DNS:localhost'])),
  ]
  const tls = { caCertificates: authority.ca, skipVerify: false, clientCertificate: null }
  const { client } = await routed([ofGrpc(plain), ofGrpc(secret, { url: `https://localhost:${secret.port}`, tls })], {
    edge: tableOf(['edge']),
    hpc: tableOf(['hpc']),
  })
  expect((await client.unary('Say', 'x', { bucket: 'edge' })).text).toBe('edge heard x')
  expect((await client.unary('Say', 'x', { bucket: 'hpc' })).text).toBe('hpc heard x')
})
