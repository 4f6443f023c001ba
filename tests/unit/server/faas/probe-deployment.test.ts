import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { FaasKind } from '../../../../server/domain/fleet/platform.ts'
import { probeDeployment } from '../../../../server/faas/probe-deployment.ts'
import { createAuthority } from '../../../support/certificates.ts'
import { probedPlatform } from '../../../support/probed-platform.ts'
import { tempDir } from '../../../support/temp-dir.ts'

test.each<[FaasKind, string | null, string]>([
  ['OPENFAAS', null, 'GET /healthz'],
  ['HTTP', null, 'GET /'],
  ['HTTP', '/ready', 'GET /ready'],
])('a platform of kind %s with the path %j is asked by %s', async (kind, probePath, expected) => {
  const { url, asked } = await probedPlatform((_request, response) => void response.end())
  expect(await probeDeployment({ kind, url, probePath, addresses: [] })).toEqual({
    trouble: null,
    addresses: ['127.0.0.1'],
  })
  expect(asked).toEqual([expected])
})

test('the base path of a deployment comes first', async () => {
  const { url, asked } = await probedPlatform((_request, response) => void response.end())
  await probeDeployment({ kind: 'OPENFAAS', url: `${url}/gateway/`, probePath: null, addresses: [] })
  expect(asked).toEqual(['GET /gateway/healthz'])
})

test.each([
  [204, null],
  [401, null],
  [404, null],
  [500, { cause: 'FAILING', detail: 'It answers 500', away: false }],
  [503, { cause: 'FAILING', detail: 'It answers 503', away: false }],
])('an answer of %d: %j', async (status, trouble) => {
  const { url } = await probedPlatform((_request, response) => void response.writeHead(status).end())
  expect(await probeDeployment({ kind: 'HTTP', url, probePath: null, addresses: [] })).toMatchObject({ trouble })
})

test('a platform that is well and has nothing at its own path is told', async () => {
  for (const [status, lacksPath] of [
    [200, undefined],
    [403, undefined],
    [404, true],
    [500, undefined],
  ] as const) {
    const { url } = await probedPlatform((_request, response) => void response.writeHead(status).end())
    const probed = await probeDeployment({ kind: 'OPENFAAS', url, probePath: null, addresses: [] })
    expect([status, probed.lacksPath]).toEqual([status, lacksPath])
  }
})

test('who does not answer within a second is silent, who refuses or has no address cannot be reached', async () => {
  const { url } = await probedPlatform(() => undefined)
  const began = performance.now()
  const silent = await probeDeployment({ kind: 'HTTP', url, probePath: null, addresses: [] })
  expect(silent).toEqual({
    trouble: { cause: 'SILENT', detail: 'It cannot be reached: no answer within 1 s', away: false },
    addresses: ['127.0.0.1'],
  })
  expect(performance.now() - began).toBeLessThan(2_000)
  const refused = await probeDeployment({ kind: 'HTTP', url: 'http://127.0.0.1:1', probePath: null, addresses: [] })
  expect(refused).toEqual({
    trouble: { cause: 'UNREACHABLE', detail: 'It cannot be reached: the connection is refused', away: true },
    addresses: ['127.0.0.1'],
  })
  const unknown = await probeDeployment({
    kind: 'HTTP',
    url: 'http://no-such-host.invalid',
    probePath: null,
    addresses: [],
  })
  expect(unknown).toMatchObject({ trouble: { away: false }, addresses: [] })
})

test('a body without end does not hold up the probe', async () => {
  const { url } = await probedPlatform((_request, response) => void response.writeHead(200).write('x'))
  expect(await probeDeployment({ kind: 'HTTP', url, probePath: null, addresses: [] })).toEqual({
    trouble: null,
    addresses: ['127.0.0.1'],
  })
})

test('what answers by speaking something else from then on ends the probe like any other answer', async () => {
  const { url } = await probedPlatform((request) => {
    request.socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n')
  })
  expect(await probeDeployment({ kind: 'HTTP', url, probePath: null, addresses: [] })).toMatchObject({
    trouble: { cause: 'UNREACHABLE', detail: 'It cannot be reached: the connection was cut' },
  })
})

test('a probe that is cancelled ends at once', async () => {
  const { url } = await probedPlatform(() => undefined)
  const began = performance.now()
  expect(
    await probeDeployment({ kind: 'HTTP', url, probePath: null, addresses: [] }, { signal: AbortSignal.abort() }),
  ).toMatchObject({ trouble: { cause: 'SILENT' } })
  expect(performance.now() - began).toBeLessThan(500)
})

test("https is believed when the system's authorities or one's own signed it, as Envoy believes it", async () => {
  const { ca, issue } = await createAuthority()
  const server = https.createServer(await issue(['DNS:localhost']), (_request, response) => void response.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const file = path.join(await tempDir(), 'ca.pem')
  await writeFile(file, ca)
  const target = {
    kind: 'HTTP',
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    probePath: null,
    addresses: [],
  }
  const program = `import { probeDeployment } from './server/faas/probe-deployment.ts'
    const resolve = async () => ['127.0.0.1']
    console.log(JSON.stringify(await probeDeployment(${JSON.stringify(target)}, { resolve })))`
  async function troubleWith(env: Readonly<Record<string, string>>) {
    const all = { ...process.env, NODE_EXTRA_CA_CERTS: '', ...env }
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { env: all })
    return (JSON.parse(stdout) as { trouble: unknown }).trouble
  }
  expect(await troubleWith({ SSL_CERT_FILE: file })).toBeNull()
  expect(await troubleWith({ NODE_EXTRA_CA_CERTS: file })).toBeNull()
  expect(await troubleWith({})).toMatchObject({ cause: 'UNREACHABLE' })
})
