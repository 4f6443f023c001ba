// How long a call may last, and what connections that functions close or reset cost.
import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { lbPolicies } from '../../../server/domain/policy/lb-policy.ts'
import { eventually } from '../../support/eventually.ts'
import { freePort } from '../../support/free-port.ts'
import { rawCall } from '../../support/raw-call.ts'
import { bucketHeader, endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

const callTimeoutMs = 400

/** A function server that takes a call and never answers, or never ends its answer. */
async function slowFunctions() {
  const ended = new Map<string, Promise<unknown>>()
  const server = http.createServer((request, response) => {
    ended.set(request.url ?? '', once(response, 'close'))
    request.on('error', () => undefined).resume()
    if (request.url === '/function/f') response.end('ok')
    if (request.url === '/function/hinted') response.writeEarlyHints({ link: '</style.css>; rel=preload' })
    if (request.url === '/function/continued') response.writeContinue()
    if (request.url === '/function/endless') {
      response.writeHead(200)
      const writing = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(writing))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as net.AddressInfo
  return { port, name: 'edge', ended }
}

test('invocation_timeout bounds a call from its first byte to its last, whatever stalls', async () => {
  const functions = await slowFunctions()
  const { serve, ingressPort } = await startRouting()
  const table = tableOf(['edge'], { timeoutMs: callTimeoutMs })
  await serve([endpointOf(functions)], { photos: table })
  const head = (path: string, ...more: string[]) => [
    `POST /function/${path} HTTP/1.1`,
    'Host: x',
    `${bucketHeader}: photos`,
    ...more,
    '',
  ]
  const cases = [
    { path: 'slow', lines: head('slow', 'Content-Length: 2').concat('hi') },
    { path: 'stalled', lines: head('stalled', 'Content-Length: 10').concat('x') },
    { path: 'dripped', lines: head('dripped', 'Content-Length: 60').concat('x'), drip: 50 },
    { path: 'hinted', lines: head('hinted', 'Content-Length: 2').concat('hi') },
    { path: 'continued', lines: head('continued', 'Expect: 100-continue', 'Content-Length: 2').concat('hi') },
    { path: 'chunked', lines: head('chunked', 'Transfer-Encoding: chunked').concat('1', 'x', '') },
  ]
  for (const { path, lines, drip } of cases) {
    const began = performance.now()
    const answer = await rawCall(ingressPort, lines, drip)
    const took = performance.now() - began
    expect([path, answer.status]).toEqual([path, 504])
    expect(took).toBeGreaterThan(callTimeoutMs - 50)
    expect(answer.head).toMatch(/content-type: application\/problem\+json/i)
    expect(answer.head).toMatch(/x-fado-served-by: edge\r\n/i)
    expect(answer.head).toMatch(/x-fado-decision: [\w-]{16};round_robin;try=1(\r\n|$)/i)
    expect(JSON.parse(answer.body)).toMatchObject({
      type: 'urn:fado:problem:timeout',
      status: 504,
      detail: expect.stringContaining('invocation_timeout'),
      bucket: 'photos',
    })
    await functions.ended.get(`/function/${path}`)
  }
  // An answer that has begun can only be cut.
  expect((await rawCall(ingressPort, head('endless', 'Content-Length: 0').concat(''))).status).toBe(200)
  await functions.ended.get('/function/endless')
})

test('a call under way does not outlive the withdrawal of its bucket by more than invocation_timeout', async () => {
  const functions = await slowFunctions()
  const { serve, proxy, ingressPort, acked } = await startRouting()
  const table = tableOf(['edge'], { timeoutMs: callTimeoutMs })
  await serve([endpointOf(functions)], { photos: table })
  const stalled = rawCall(ingressPort, [
    'POST /function/stalled HTTP/1.1',
    'Host: x',
    `${bucketHeader}: photos`,
    'Content-Length: 10',
    '',
    'x',
  ])
  await eventually('the function has the call', () => functions.ended.has('/function/stalled'))
  proxy.apply({ kind: 'routes', routes: [{ bucket: 'photos', number: 2, table: null }] })
  await acked(2)
  expect((await stalled).status).toBe(504)
  await functions.ended.get('/function/stalled')
})

test('Envoy closes an idle connection before function servers do, so that no call meets one being closed', async () => {
  const closed = Promise.withResolvers<number>()
  const server = http.createServer({ keepAliveTimeout: 0 }, (_request, response) => {
    const answered = performance.now()
    response.end('ok')
    response.socket?.once('close', () => closed.resolve(performance.now() - answered))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as net.AddressInfo
  const { proxy, startEnvoy, firstAnswer } = await startRouting()
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf({ name: 'edge', port })] })
  proxy.apply({ kind: 'routes', routes: [{ bucket: 'photos', number: 1, table: tableOf(['edge']) }] })
  proxy.ready()
  await startEnvoy()
  expect((await firstAnswer('/function/f', { bucket: 'photos' })).status).toBe(200)
  const idle = await closed.promise
  expect(idle).toBeGreaterThan(500)
  expect(idle).toBeLessThan(1900)
})

test.for(lbPolicies)(
  'connections that a function resets cost their calls, and no other while others are given theirs: the only deployment is not ejected: %s',
  async (lbPolicy) => {
    const all = Promise.withResolvers<void>()
    let arrived = 0
    const functions = await startFunctions('edge', async (request) => {
      if (request.url !== '/function/reset') return
      // All calls of the burst are there before the first connection is reset.
      if (++arrived === 20) all.resolve()
      await all.promise
      request.socket.resetAndDestroy()
    })
    const { serve, call, ingressPort } = await startRouting()
    await serve([endpointOf(functions)], { photos: tableOf(['edge'], { lbPolicy }) })
    const load = hammer(ingressPort, '/function/f', { bucket: 'photos' })
    await expect.poll(load.calls).toBeGreaterThan(20)
    const burst = await Promise.all(
      Array.from({ length: 20 }, () => call('/function/reset', { bucket: 'photos', method: 'POST', body: 'x' })),
    )
    for (const answer of burst) expect(answer.status).toBe(502)
    const before = load.calls()
    await expect.poll(load.calls).toBeGreaterThan(before + 200)
    expect((await load.stop()).failures).toEqual([])
    // Each had reached the function: none may be sent again.
    expect(arrived).toBe(20)
  },
)

test.for(lbPolicies)(
  'a deployment that dies under load costs no call while another can serve: %s',
  async (lbPolicy) => {
    const living = await startFunctions('living')
    const dying = await startFunctions('dying')
    const { serve, proxy, ingressPort } = await startRouting()
    const table = tableOf(['dying', 'living'], { lbPolicy })
    await serve([endpointOf(living), endpointOf(dying)], { photos: table })
    proxy.apply({
      kind: 'endpoints',
      endpoints: [endpointOf(living), endpointOf({ name: 'dying', port: await freePort() })],
    })
    const load = hammer(ingressPort, '/function/f', { bucket: 'photos' }, 32)
    await expect.poll(load.calls, { timeout: 45_000 }).toBeGreaterThan(1500)
    const { failures } = await load.stop()
    expect(failures).toEqual([])
  },
)
