// Callers as they are: old, offering what Envoy does not speak, ambiguous, forging, and from other origins.
import { once } from 'node:events'
import http from 'node:http'
import { expect, test } from 'vitest'
import { longestHeader, mostMarks } from '../../../server/domain/http-names.ts'
import { rawCall } from '../../support/raw-call.ts'
import {
  bucketHeader,
  type CallOptions,
  endpointOf,
  startFunctions,
  startRouting,
  tableOf,
} from '../../support/routing.ts'

const seen = (body: string) => JSON.parse(body) as { method: string; url: string; rawHeaders: string[]; body: string }
const headersSeen = (body: string) =>
  seen(body)
    .rawHeaders.filter((_text, i) => i % 2 === 0)
    .map((name) => name.toLowerCase())

async function oneBucket({ matchHeader }: { matchHeader?: string } = {}) {
  const functions = await startFunctions('edge', async (request, response) => {
    if (!request.url?.includes('forge')) return
    response.writeHead(Number(request.headers['x-answer'] ?? 200), {
      'x-fado-served-by': ['forged', 'forged twice'],
      'X-FaDO-Decision': ['forged', 'forged twice'],
      'access-control-allow-origin': 'https://forged.example',
    })
    response.end('own')
  })
  const routing = await startRouting()
  if (matchHeader !== undefined) routing.proxy.apply({ kind: 'match-header', name: matchHeader })
  routing.proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
  routing.proxy.apply({ kind: 'routes', routes: [{ bucket: 'photos', number: 1, table: tableOf(['edge']) }] })
  routing.proxy.ready()
  await routing.startEnvoy()
  await routing.firstAnswer('/function/f', { headers: { [matchHeader ?? bucketHeader]: 'photos' } })
  return { ...routing, functions }
}

test('callers of HTTP/1.0 are served, with and without a Host header', async () => {
  const { ingressPort } = await oneBucket()
  const bucket = `${bucketHeader}: photos`
  const cases = [
    ['GET /function/f HTTP/1.0', 'Host: x', bucket, '', ''],
    ['POST /function/f HTTP/1.0', 'Host: upstream', 'Connection: close', bucket, 'Content-Length: 2', '', 'hi'],
    ['GET /function/f HTTP/1.0', bucket, '', ''],
    ['GET /function/f HTTP/1.0', 'Connection: keep-alive', bucket, '', ''],
  ]
  for (const lines of cases) {
    const { status, body } = await rawCall(ingressPort, lines)
    expect([lines, status]).toEqual([lines, 200])
    expect(seen(body)).toMatchObject({ url: '/function/f', body: lines.at(-1) })
  }
  const refused = await rawCall(ingressPort, ['GET /function/f HTTP/1.0', '', ''])
  expect(refused.status).toBe(400)
  expect(refused.body).toContain('missing-bucket')
})

test('an offer of h2c is left out, and the call answered; upgrades but to WebSockets are refused', async () => {
  const { ingressPort, functions } = await oneBucket()
  const offering = (upgrade: string) => [
    'POST /function/f HTTP/1.1',
    'Host: x',
    `${bucketHeader}: photos`,
    'Connection: Upgrade, HTTP2-Settings',
    `Upgrade: ${upgrade}`,
    'HTTP2-Settings: AAMAAABkAAQAAP__',
    'Content-Length: 2',
    '',
    'hi',
  ]
  const h2c = await rawCall(ingressPort, offering('h2c'))
  expect(h2c.status).toBe(200)
  expect(seen(h2c.body).body).toBe('hi')
  for (const name of ['upgrade', 'http2-settings']) expect(headersSeen(h2c.body)).not.toContain(name)
  const before = functions.calls
  const refused = await rawCall(ingressPort, offering('TLS/1.2'))
  expect(refused.status).toBe(403)
  expect(JSON.parse(refused.body)).toEqual({
    type: 'urn:fado:problem:upgrade-refused',
    title: 'Upgrades other than WebSocket are not served',
    status: 403,
    detail: 'The call asks for another protocol (header Upgrade). WebSockets and plain HTTP are served.',
  })
  expect(functions.calls).toBe(before)
})

test('a call that names its bucket twice, or a list, is refused and never forwarded', async () => {
  const { ingressPort, functions, call } = await oneBucket()
  const before = functions.calls
  const values = [
    ['photos', 'photos'],
    ['photos', 'other'],
    ['photos', ''],
    ['', 'photos'],
    ['photos,photos'],
    ['photos, other'],
    ['unknown', 'unknown'],
  ]
  for (const named of values) {
    const lines = named.map((name, i) => `${i === 0 ? bucketHeader : 'X-FADO-Bucket'}: ${name}`)
    const answer = await rawCall(ingressPort, ['GET /function/f HTTP/1.1', 'Host: x', ...lines, '', ''])
    expect([named, answer.status]).toEqual([named, 400])
    expect(answer.head).toMatch(/content-type: application\/problem\+json/i)
    expect(JSON.parse(answer.body)).toMatchObject({
      type: 'urn:fado:problem:ambiguous-bucket',
      status: 400,
      detail: expect.stringContaining('X-FaDO-Bucket'),
    })
  }
  expect((await call('/function/f', { bucket: 'photos' })).status).toBe(200)
  expect(functions.calls).toBe(before + 1)
})

const longest = 'X-FaDO-Bucket'.padEnd(longestHeader, '-Of-Data')
/** As many dashes as a name may have, in the longest one. */
const mostMarked = 'x-'.repeat(mostMarks).padEnd(longestHeader, 'x')

test.for(['X-FaDO-Bucket', 'X-FaDO-Bucket-Name', 'X-Data', 'Data_Of-This', 'X_FADO_b', longest, mostMarked])(
  "callers' x-fado-* headers are taken off, and what passes for %s, however they are spelled, but for this that names the bucket",
  async (matchHeader) => {
    const { call, functions } = await oneBucket({ matchHeader })
    const forged = [
      ...['x-fado-served-by', 'X-FaDO-Decision', 'x-fado-upstream-host', 'x-fado-upstream-base', 'x-fado-', 'x-fado-b'],
      ...['x-fado-buckets', 'x-fado-bucke', 'x_fado_bucket', 'x-fado_bucket', 'x_fado-served-by', 'x-fado-bucket'],
      ...['x-fado-bucket-name', 'x-fado-bucket-names', 'X_FADO_b', 'x-fado.bucket', 'x-fado~bucket', 'x.FaDO!bucket'],
      ...[longest.slice(0, -1), `${longest.slice(0, -1)}_`, `${longest}-`],
      ...['-', '_', '.', '~'].flatMap((mark) => [
        matchHeader.replace(/[-_]/, mark),
        matchHeader.replaceAll(/[-_]/g, mark),
        matchHeader.replace(/[-_](?=[^-_]*$)/, mark),
      ]),
    ].filter((name) => name.toLowerCase() !== matchHeader.toLowerCase())
    const kept = ['x-fad', 'x-fados', 'xfado-bucket', 'my-x-fado-bucket', 'x-own']
    const headers = {
      ...Object.fromEntries([...forged, ...kept].map((name) => [name, 'other'])),
      [matchHeader]: 'photos',
    }
    const { status, body } = await call('/function/f', { headers })
    expect(status).toBe(200)
    const arrived = headersSeen(body)
    for (const name of [...kept, matchHeader]) expect(arrived).toContain(name.toLowerCase())
    for (const name of forged) expect(arrived).not.toContain(name.toLowerCase())
    expect(functions.calls).toBeGreaterThan(1)
  },
)

test('CONNECT is refused for what it is, whatever bucket it names', async () => {
  const { ingressPort } = await oneBucket()
  for (const header of [[`${bucketHeader}: photos`], [`${bucketHeader}: nowhere`], []]) {
    const lines = ['CONNECT elsewhere:443 HTTP/1.1', 'Host: elsewhere:443', ...header, 'Connection: close', '', '']
    const { status, body } = await rawCall(ingressPort, lines)
    expect(status).toBe(405)
    expect(JSON.parse(body)).toEqual({
      type: 'urn:fado:problem:connect-refused',
      title: 'No tunnels',
      status: 405,
      detail: 'Functions are called; the ingress opens no tunnels (CONNECT).',
    })
  }
})

test('who served an answer and why is never forged, whatever the answer', async () => {
  const { ingressPort, proxy, acked } = await oneBucket()
  for (const status of [200, 204, 301, 400, 404, 408, 429, 500, 502, 503, 504]) {
    const lines = ['GET /function/forge HTTP/1.1', 'Host: x', `${bucketHeader}: photos`, `x-answer: ${status}`]
    const answer = await rawCall(ingressPort, [...lines, 'Connection: close', '', ''])
    expect(answer.status).toBe(status)
    expect(evidenceIn(answer.head)).toEqual(['x-fado-served-by: edge', expect.stringMatching(/;round_robin;try=1$/)])
  }
  const server = http.createServer()
  server.on('upgrade', (_request, socket) => {
    const forged = 'x-fado-served-by: forged\r\nx-fado-served-by: forged\r\nx-fado-decision: forged\r\n'
    socket.end(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n${forged}\r\n`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf({ name: 'ws', port })] })
  proxy.apply({ kind: 'routes', routes: [{ bucket: 'live', number: 2, table: tableOf(['ws']) }] })
  await acked(2)
  const lines = [
    'GET /function/f HTTP/1.1',
    'Host: x',
    `${bucketHeader}: live`,
    'Connection: upgrade',
    'Upgrade: websocket',
  ]
  const upgraded = await rawCall(ingressPort, [...lines, '', ''])
  server.close()
  expect(upgraded.status).toBe(101)
  expect(evidenceIn(upgraded.head)).toEqual(['x-fado-served-by: ws', expect.stringMatching(/;round_robin;try=1$/)])
})

const evidenceIn = (head: string) =>
  head
    .split('\r\n')
    .filter((line) => line.toLowerCase().startsWith('x-fado-'))
    .sort((a, b) => b.localeCompare(a))

const preflight = (origin: string): CallOptions => ({
  method: 'OPTIONS',
  headers: {
    // A connection from before the policy changed goes on by the old one until it is drained.
    connection: 'close',
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'content-type,x-fado-bucket',
  },
})

test('without the policy cors_origins a preflight is refused in its name, and HEAD and OPTIONS of a bucket pass', async () => {
  const { call } = await oneBucket()
  const refused = await call('/function/f', preflight('https://app.example'))
  expect(refused.status).toBe(403)
  expect(refused.headers['content-type']).toBe('application/problem+json')
  expect(refused.body).toContain('cors_origins')
  expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  expect((await call('/function/f', { method: 'OPTIONS' })).body).toContain('missing-bucket')
  for (const method of ['OPTIONS', 'HEAD']) {
    const answer = await call('/function/f', { method, bucket: 'photos', headers: { origin: 'https://app.example' } })
    expect(answer.status).toBe(200)
    expect(answer.headers['x-server']).toBe('edge')
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  }
  const { headers = {} } = preflight('https://app.example')
  const named = await call('/function/f', { method: 'OPTIONS', bucket: 'photos', headers })
  expect(seen(named.body).method).toBe('OPTIONS')
})

test('with it Envoy answers the preflights of these origins, and their scripts may read every answer', async () => {
  const { call, proxy } = await oneBucket()
  const apply = (...origins: string[]) => proxy.apply({ kind: 'cors-origins', origins })
  const statusFor = async (origin: string) => (await call('/function/f', preflight(origin))).status
  apply('https://app.example', 'http://localhost:3000')
  await expect.poll(() => statusFor('https://app.example'), { timeout: 10_000 }).toBe(200)
  const answer = await call('/function/f', preflight('http://localhost:3000'))
  expect(answer).toMatchObject({
    status: 200,
    headers: {
      'access-control-allow-origin': 'http://localhost:3000',
      'access-control-allow-methods': 'PUT',
      'access-control-allow-headers': 'content-type,x-fado-bucket',
      'access-control-max-age': '600',
    },
  })
  for (const origin of ['https://evil.example', 'https://app.example.evil', 'http://app.example', 'null'])
    expect([origin, await statusFor(origin)]).toEqual([origin, 403])
  const from = (origin: string, bucket: string, path = '/function/f') =>
    call(path, { bucket, headers: { origin, connection: 'close' } })
  for (const [bucket, path, status] of [
    ['photos', '/function/f', 200],
    ['photos', '/function/forge', 200],
    ['photos', '/x', 404],
    ['unknown', '/function/f', 404],
    ['a,b', '/function/f', 400],
  ] as const) {
    const allowed = await from('https://app.example', bucket, path)
    expect(allowed.status).toBe(status)
    expect(allowed.headers['access-control-allow-origin']).toBe('https://app.example')
    expect(allowed.headers['access-control-expose-headers']).toBe('*')
    expect(allowed.headers.vary).toContain('origin')
  }
  const other = await from('https://evil.example', 'photos')
  expect(other.headers['access-control-allow-origin']).toBeUndefined()

  apply('*')
  await expect.poll(() => statusFor('https://anywhere.example'), { timeout: 10_000 }).toBe(200)
  expect((await from('https://anywhere.example', 'photos')).headers['access-control-allow-origin']).toBe('*')
  apply()
  await expect.poll(() => statusFor('https://anywhere.example'), { timeout: 10_000 }).toBe(403)
})
