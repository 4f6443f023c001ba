import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { FaasEndpoint } from '../../../server/domain/route/routing-table.ts'
import { eventually } from '../../support/eventually.ts'
import { freePort } from '../../support/free-port.ts'
import { type Answer, bucketHeader, endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

async function oneBucket(options: { endpoint?: Partial<FaasEndpoint>; timeoutMs?: number } = {}) {
  const functions = await startFunctions('edge', async (request, response) => {
    const wanted = request.headers['x-answer']
    if (request.url?.includes('slow')) await once(response, 'close')
    if (wanted === undefined) return
    response.writeHead(Number(wanted), {
      'content-type': 'text/x-own',
      'x-fado-served-by': 'forged',
      'x-fado-decision': 'forged',
    })
    response.end(`own ${wanted}`)
  })
  const routing = await startRouting()
  await routing.serve([endpointOf(functions, options.endpoint)], {
    photos: tableOf(['edge'], { timeoutMs: options.timeoutMs ?? 10_000 }),
    nowhere: tableOf([]),
  })
  return { ...routing, functions }
}

function expectProblem(answer: Answer, status: number, bucket?: string) {
  expect(answer.status).toBe(status)
  expect(answer.headers['content-type']).toBe('application/problem+json')
  const problem: unknown = JSON.parse(answer.body)
  expect(problem).toMatchObject({
    type: expect.stringContaining('urn:fado:problem:'),
    title: expect.any(String),
    detail: expect.any(String),
    status,
    ...(bucket === undefined ? {} : { bucket }),
  })
}

test('a call passes unchanged, and the answer says who served it and by which decision', async () => {
  const { call, functions } = await oneBucket()
  const path = '/function/f/%41%7e%2Fx//y;v=1/a|b/?q=%2F..&q=/../'
  const answer = await call(path, {
    bucket: 'photos',
    method: 'PATCH',
    headers: { 'X-Own': 'a, b', host: 'functions.example' },
    body: 'some bytes',
  })
  expect(answer.status).toBe(200)
  expect(answer.headers['x-server']).toBe(functions.name)
  expect(answer.headers['x-fado-served-by']).toBe('edge')
  expect(answer.headers['x-fado-decision']).toMatch(/^[A-Za-z0-9_-]{16};round_robin;try=1$/)
  const seen = JSON.parse(answer.body) as { method: string; url: string; body: string; rawHeaders: string[] }
  expect(seen).toMatchObject({ method: 'PATCH', url: path, body: 'some bytes' })
  const headers = seen.rawHeaders.map((text, i) => (i % 2 ? text : text.toLowerCase()))
  for (const pair of [
    ['host', 'functions.example'],
    ['x-own', 'a, b'],
    [bucketHeader, 'photos'],
  ])
    expect(headers.join('\n')).toContain(pair.join('\n'))
  expect(headers.filter((text) => text.startsWith('x-envoy'))).toEqual([])
})

test("a function's own status and body pass, whatever they are, but it cannot speak in FaDO's name", async () => {
  const { call } = await oneBucket()
  for (const status of [201, 302, 400, 404, 409, 500, 502, 503, 504]) {
    const answer = await call('/function/f', { bucket: 'photos', headers: { 'x-answer': status } })
    expect(answer).toMatchObject({ status, body: `own ${status}` })
    expect(answer.headers['content-type']).toBe('text/x-own')
    expect(answer.headers['x-fado-served-by']).toBe('edge')
    expect(answer.headers['x-fado-decision']).toMatch(/;try=1$/)
    expect(answer.headers['retry-after']).toBeUndefined()
  }
})

test('a call without a bucket is 400, one with an unknown or empty bucket 404, and names match exactly', async () => {
  const { call } = await oneBucket()
  expectProblem(await call('/function/f'), 400)
  for (const bucket of ['unknown', 'Photos', 'photos2', 'photo', '', 'pin/x', '__pin', '*'])
    expectProblem(await call('/function/f', { bucket }), 404, bucket)
  expect((await call('/function/f', { bucket: 'unknown' })).headers['x-fado-decision']).toBeUndefined()
})

test('whatever a client writes in the header, the answer is valid JSON that repeats it', async () => {
  const { ingressPort } = await oneBucket()
  const hostile = [
    'a"b',
    "'",
    '\\',
    '</script>',
    '%REQ(:path)%',
    '%',
    '{"a":1}',
    '\t',
    'a\tb',
    '\x80\xff',
    'é',
    'x'.repeat(8000),
  ]
  for (const value of hostile) {
    const text = await raw(
      ingressPort,
      `GET /function/f HTTP/1.1\r\nhost: x\r\n${bucketHeader}: ${value}\r\nconnection: close\r\n\r\n`,
    )
    expect(text.split('\r\n')[0]).toMatch(/ 404 /)
    const body = text.slice(text.indexOf('\r\n\r\n') + 4)
    const problem = JSON.parse(body) as { bucket: string; status: number }
    expect(problem.status).toBe(404)
    if (/^[\x20-\x7e]+$/.test(value)) expect(problem.bucket).toBe(value)
  }
})

test('no path leads out of a function', async () => {
  const { call, functions } = await oneBucket()
  const before = functions.calls
  const paths = [
    ...[
      '/',
      '/function',
      '/function/',
      '/function//x',
      '/functions/f',
      '//function/f',
      '/FUNCTION/f',
      '/x?/function/f',
    ],
    ...[
      '/function/..',
      '/function/.',
      '/function/../etc',
      '/function/f/../../etc',
      '/function/f/..',
      '/x/../function/f',
    ],
    ...['/function/%2e%2e/etc', '/function/f/%2E%2e/%2e%2e/etc', '/function/.%2e/etc', '/function/%2e'],
    ...['/function/..%2fetc', '/function/f%2f..%2f..%2fetc', '/function/f/..%5c..%5cx', '/function/f\\..\\..\\x'],
    ...['/function/..;x=1/etc', '/function/f/..;/..;/etc'],
  ]
  for (const path of paths) {
    const answer = await call(path, { bucket: 'photos' })
    expect([path, answer.status]).toEqual([path, 404])
    expectProblem(answer, 404, 'photos')
  }
  expect(functions.calls).toBe(before)
  for (const path of ['/function/f', '/function/f/..a/b..', '/function/f/a%2fb', '/function/...', '/function/.f'])
    expect([path, (await call(path, { bucket: 'photos' })).status]).toEqual([path, 200])
})

test('a path with a fragment is 400, and the answer says how the sign is written', async () => {
  const { call, functions } = await oneBucket()
  const before = functions.calls
  for (const bucket of ['photos', 'unknown']) {
    const answer = await call('/function/f#part', { bucket })
    expectProblem(answer, 400)
    expect(JSON.parse(answer.body)).toMatchObject({
      type: 'urn:fado:problem:path-refused',
      detail: expect.stringContaining('percent-encoded') as string,
    })
  }
  expect(functions.calls).toBe(before)
})

test('where nobody can serve, the answer is 503 with a time to come back', async () => {
  const { call, proxy, functions } = await oneBucket()
  const nowhere = await call('/function/f', { bucket: 'nowhere' })
  expectProblem(nowhere, 503, 'nowhere')
  expect(nowhere.headers['retry-after']).toMatch(/^\d+$/)
  expect(nowhere.headers['x-fado-decision']).toMatch(/;round_robin;try=\d$/)
  expect(nowhere.headers['x-fado-served-by']).toBeUndefined()
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions, { health: 'unhealthy' })] })
  await expect.poll(async () => (await call('/function/f', { bucket: 'photos' })).status).toBe(503)
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions, { addresses: [] })] })
  await expect.poll(async () => (await call('/function/f', { bucket: 'photos' })).status).toBe(503)
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
  await expect.poll(async () => (await call('/function/f', { bucket: 'photos' })).status).toBe(200)
})

test('a deployment that refuses connections is 502, one that hangs up 502, one that is slow 504; only what nobody took is to be called again', async () => {
  const { call, proxy, functions } = await oneBucket({ timeoutMs: 150 })
  const slow = await call('/function/slow', { bucket: 'photos' })
  expectProblem(slow, 504, 'photos')
  expect(slow.headers['x-fado-served-by']).toBe('edge')
  expect(slow.headers['x-fado-decision']).toMatch(/;try=1$/)
  expect(slow.headers['retry-after']).toBeUndefined()

  const rude = net.createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1')
  onTestFinished(() => void rude.close())
  await new Promise((resolve) => rude.once('listening', resolve))
  const rudePort = (rude.address() as net.AddressInfo).port
  for (const [port, type, again] of [
    [rudePort, 'cut-off', undefined],
    [await freePort(), 'unreachable', '1'],
  ] as const) {
    proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
    await expect.poll(async () => (await call('/function/f', { bucket: 'photos' })).status).toBe(200)
    proxy.apply({ kind: 'endpoints', endpoints: [endpointOf({ ...functions, port })] })
    // The first one counts: after it the endpoint that refuses may be ejected, and then nobody can serve.
    const first = await eventually('the other port is called', async () => {
      const answer = await call('/function/f', { bucket: 'photos' })
      return answer.status === 200 ? null : answer
    })
    expectProblem(first, 502, 'photos')
    expect(JSON.parse(first.body)).toMatchObject({ type: `urn:fado:problem:${type}` })
    expect(first.headers['retry-after']).toBe(again)
  }
})

test('large bodies stream in both directions', async () => {
  const { ingressPort } = await oneBucket()
  const size = 12 * 1024 * 1024
  const request = http.request({
    port: ingressPort,
    path: '/function/f',
    method: 'POST',
    headers: { [bucketHeader]: 'photos' },
  })
  for (let sent = 0; sent < size; sent += 65536) request.write(Buffer.alloc(65536, 'x'))
  request.end()
  const response = await new Promise<http.IncomingMessage>((resolve) => request.once('response', resolve))
  let received = 0
  for await (const chunk of response) received += (chunk as Buffer).length
  expect(response.statusCode).toBe(200)
  expect(received).toBeGreaterThan(size)
})

/** The answer to a raw request, as far as its content-length says. */
async function raw(port: number, request: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  socket.write(Buffer.from(request, 'latin1'))
  let text = ''
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString('latin1')
    const length = Number(/content-length: (\d+)/.exec(text)?.[1] ?? Number.NaN)
    if (text.length >= text.indexOf('\r\n\r\n') + 4 + length) break
  }
  return text
}
