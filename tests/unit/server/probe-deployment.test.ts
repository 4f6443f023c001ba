import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { probeDeployment } from '../../../server/faas/probe-deployment.ts'

async function platform(answer: http.RequestListener): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = []
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test.each([
  ['OPENFAAS', null, 'GET /healthz'],
  ['HTTP', null, 'GET /'],
  ['HTTP', '/ready', 'GET /ready'],
])('a platform of kind %s with the path %j is asked by %s', async (kind, probePath, expected) => {
  const { url, asked } = await platform((_request, response) => void response.end())
  expect(await probeDeployment({ kind, url, probePath, address: null })).toEqual({
    health: 'healthy',
    detail: null,
    address: '127.0.0.1',
  })
  expect(asked).toEqual([expected])
})

test('the base path of a deployment comes first', async () => {
  const { url, asked } = await platform((_request, response) => void response.end())
  await probeDeployment({ kind: 'OPENFAAS', url: `${url}/gateway/`, probePath: null, address: null })
  expect(asked).toEqual(['GET /gateway/healthz'])
})

test.each([
  [204, 'healthy'],
  [401, 'healthy'],
  [404, 'healthy'],
  [500, 'unhealthy'],
  [503, 'unhealthy'],
] as const)('an answer of %d is %s', async (status, health) => {
  const { url } = await platform((_request, response) => void response.writeHead(status).end())
  const result = await probeDeployment({ kind: 'HTTP', url, probePath: null, address: null })
  expect(result).toMatchObject({ health, detail: health === 'healthy' ? null : `It answers ${status}` })
})

test('who does not answer within a second is unhealthy, and so is who refuses or has no address', async () => {
  const { url } = await platform(() => undefined)
  const began = performance.now()
  const silent = await probeDeployment({ kind: 'HTTP', url, probePath: null, address: null })
  expect(silent).toMatchObject({ health: 'unhealthy', detail: 'It cannot be reached: no answer within 1 s' })
  expect(performance.now() - began).toBeLessThan(2_000)
  const refused = await probeDeployment({ kind: 'HTTP', url: 'http://127.0.0.1:1', probePath: null, address: null })
  expect(refused).toMatchObject({
    health: 'unhealthy',
    detail: 'It cannot be reached: the connection is refused',
    address: '127.0.0.1',
  })
  const unknown = await probeDeployment({
    kind: 'HTTP',
    url: 'http://no-such-host.invalid',
    probePath: null,
    address: null,
  })
  expect(unknown).toMatchObject({ health: 'unhealthy', address: null })
})

test('a body without end does not hold up the probe', async () => {
  const { url } = await platform((_request, response) => void response.writeHead(200).write('x'))
  expect(await probeDeployment({ kind: 'HTTP', url, probePath: null, address: null })).toMatchObject({
    health: 'healthy',
  })
})

test('a probe that is cancelled ends at once', async () => {
  const { url } = await platform(() => undefined)
  const began = performance.now()
  expect(
    await probeDeployment({ kind: 'HTTP', url, probePath: null, address: null }, { signal: AbortSignal.abort() }),
  ).toMatchObject({
    health: 'unhealthy',
  })
  expect(performance.now() - began).toBeLessThan(500)
})
