// What a real Envoy tries again, and what it never does.
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { Retry } from '../../../server/domain/route/retry.ts'
import { eventually } from '../../support/eventually.ts'
import { freePort } from '../../support/free-port.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

/** A bucket for each of these, on both clusters by turns: edge, which is as `edgeServer` says, and hpc, which answers. */
async function rules(rulesOf: Readonly<Record<string, Retry | undefined>>, edge: { name: string; port: number }) {
  const hpc = await startFunctions('hpc')
  const { serve, call, ingressPort } = await startRouting()
  const tables = Object.entries(rulesOf).map(([bucket, retry]) => [
    bucket,
    tableOf(['edge', 'hpc'], retry ? { retry } : {}),
  ])
  // No call of a function: what edge counts begins with the test's own.
  await serve([endpointOf(edge), endpointOf(hpc)], Object.fromEntries(tables), '/')
  return { hpc, call, ingressPort }
}

/** Takes each call whole, and then hangs up. */
async function hangsUp() {
  let taken = 0
  const server = http.createServer((request) => {
    request.resume().on('end', () => {
      taken++
      request.socket.destroy()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { name: 'edge', port: (server.address() as AddressInfo).port, taken: () => taken }
}

const idempotent = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']
const others = ['POST', 'PATCH']

test('what was cut before its answer began is tried again where the policy and the method allow it; a POST never is', async () => {
  const edge = await hangsUp()
  const { call, hpc } = await rules({ unsent: undefined, idempotent: { rule: 'idempotent' } }, edge)
  /** By turns both get calls: how two in a row end. */
  const two = async (bucket: string, method: string, bytes = 20_000) => {
    const body = ['PUT', 'POST', 'PATCH'].includes(method) ? { body: 'x'.repeat(bytes) } : {}
    const statuses: number[] = []
    for (let n = 0; n < 2; n++) {
      const { status, headers } = await call('/function/f', { bucket, method, ...body })
      statuses.push(status)
      expect(headers['retry-after'], 'it may have been done').toBeUndefined()
    }
    return statuses.toSorted((a, b) => a - b)
  }
  for (const method of [...idempotent, ...others]) {
    const before = [edge.taken(), hpc.calls]
    expect([method, await two('unsent', method)]).toEqual([method, [200, 502]])
    expect([edge.taken(), hpc.calls], 'none was given twice').toEqual(before.map((calls) => calls + 1))
  }
  for (const method of idempotent) expect([method, await two('idempotent', method)]).toEqual([method, [200, 200]])
  expect(await two('idempotent', 'PUT', 3_000_000), 'more than Envoy keeps').toEqual([200, 502])
  for (const method of others) {
    const taken = edge.taken()
    expect([method, await two('idempotent', method)]).toEqual([method, [200, 502]])
    expect(edge.taken()).toBe(taken + 1)
  }
})

test('a call that gets no answer within try_timeout goes elsewhere, but no POST, and nothing whose answer has begun', async () => {
  const tryMs = 200
  const edge = await startFunctions('edge', async ({ url }, response) => {
    if (url?.startsWith('/function/begun')) response.write('begun')
    await delay(tryMs * 2)
    if (response.headersSent) response.end()
  })
  const { call } = await rules({ photos: { rule: 'idempotent', tryMs } }, edge)
  const two = async (path: string, method: string) => {
    const answers = [await call(path, { bucket: 'photos', method }), await call(path, { bucket: 'photos', method })]
    return answers.map(({ status, headers }) => `${status} ${String(headers['x-fado-served-by'])}`).toSorted()
  }
  expect(await two('/function/f', 'GET')).toEqual(['200 hpc', '200 hpc'])
  expect(await two('/function/f', 'POST')).toEqual(['200 edge', '200 hpc'])
  expect(await two('/function/begun', 'GET')).toEqual(['200 edge', '200 hpc'])
})

test('never means one try, and tries bounds them', async () => {
  const edge = { name: 'edge', port: await freePort() }
  const cases = { never: { rule: 'never' }, once: { tries: 1 }, twice: { tries: 2 }, unsent: undefined } as const
  const { call } = await rules(cases, edge)
  const seen = async (bucket: string) => {
    const answers = [await call('/function/f', { bucket }), await call('/function/f', { bucket })]
    return answers.map(({ status }) => status).toSorted()
  }
  expect(await seen('never')).toEqual([200, 502])
  expect(await seen('once')).toEqual([200, 502])
  expect(await seen('twice')).toEqual([200, 200])
  expect(await seen('unsent')).toEqual([200, 200])
})

test('a cluster that dies in the midst of its calls costs no caller an idempotent call, however many there are', async () => {
  const edge = await startFunctions('edge', () => delay(3))
  const { ingressPort, hpc } = await rules({ photos: { rule: 'idempotent' } }, edge)
  const load = hammer(ingressPort, '/function/f', { bucket: 'photos' }, 8)
  await eventually('both have calls', () => edge.calls > 50 && hpc.calls > 50)
  await edge.stop()
  const before = hpc.calls
  await eventually('calls go on', () => hpc.calls > before + 300)
  const { failures, served } = await load.stop()
  expect(failures).toEqual([])
  expect(served.get('edge')).toBeGreaterThan(0)
})

test("a caller has no say in tries and times, though it knows Envoy's own words for them", async () => {
  const slow = await startFunctions('edge', async ({ url }, response) => {
    if (url === '/function/slow') await delay(200)
    if (url === '/function/cut') response.destroy()
    if (url === '/function/broken') response.statusCode = 500
  })
  const { call } = await rules({ none: undefined }, slow)
  const words = {
    'x-envoy-internal': 'true',
    'x-envoy-retry-on': '5xx,reset,gateway-error',
    'x-envoy-retry-grpc-on': 'unavailable',
    'x-envoy-max-retries': '5',
    'x-envoy-upstream-rq-timeout-ms': '50',
    'x-envoy-upstream-rq-per-try-timeout-ms': '50',
  }
  const ask = async (name: string) => {
    const statuses: number[] = []
    for (let n = 0; n < 2; n++)
      statuses.push((await call(`/function/${name}`, { bucket: 'none', method: 'POST', headers: words })).status)
    return statuses.toSorted()
  }
  const calls = slow.calls
  // Of two calls each, one goes to hpc.
  expect([await ask('cut'), await ask('broken'), await ask('slow')]).toEqual([
    [200, 502],
    [200, 500],
    [200, 200],
  ])
  expect(slow.calls - calls).toBe(3)
})

test('a call of which more came before its next try than Envoy keeps has reached nobody, and is told to come again', async () => {
  const { serve, call } = await startRouting()
  const nobody = { name: 'edge', port: await freePort() }
  await serve([endpointOf(nobody)], { photos: tableOf(['edge'], { retry: { tries: 10 } }) }, '/')
  const body = Buffer.alloc(3_000_000)
  const sent = () => call('/function/f', { bucket: 'photos', method: 'POST', body })
  const answers = await Promise.all(Array.from({ length: 20 }, sent))
  const said = answers.map(({ status, headers, body: problem }) =>
    [status, headers['retry-after'], JSON.parse(problem).type].join(' '),
  )
  // Calls that begin when Envoy has taken it out are tried nowhere.
  const tried = said.filter((answer) => answer !== '503 5 urn:fado:problem:no-upstream')
  expect(new Set(tried)).toEqual(new Set(['502 1 urn:fado:problem:unreachable']))
})
