import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { FaasKind } from '../../../server/domain/fleet/platform.ts'
import { probeDeployment } from '../../../server/faas/probe-deployment.ts'
import { createAuthority } from '../../support/certificates.ts'
import { tempDir } from '../../support/temp-dir.ts'

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

test.each<[FaasKind, string | null, string]>([
  ['OPENFAAS', null, 'GET /healthz'],
  ['HTTP', null, 'GET /'],
  ['HTTP', '/ready', 'GET /ready'],
])('a platform of kind %s with the path %j is asked by %s', async (kind, probePath, expected) => {
  const { url, asked } = await platform((_request, response) => void response.end())
  expect(await probeDeployment({ kind, url, probePath, addresses: [] })).toEqual({
    trouble: null,
    addresses: ['127.0.0.1'],
  })
  expect(asked).toEqual([expected])
})

test('the base path of a deployment comes first', async () => {
  const { url, asked } = await platform((_request, response) => void response.end())
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
  const { url } = await platform((_request, response) => void response.writeHead(status).end())
  expect(await probeDeployment({ kind: 'HTTP', url, probePath: null, addresses: [] })).toMatchObject({ trouble })
})

test('a platform that is well and has nothing at its own path is told', async () => {
  for (const [status, lacksPath] of [
    [200, undefined],
    [403, undefined],
    [404, true],
    [500, undefined],
  ] as const) {
    const { url } = await platform((_request, response) => void response.writeHead(status).end())
    const probed = await probeDeployment({ kind: 'OPENFAAS', url, probePath: null, addresses: [] })
    expect([status, probed.lacksPath]).toEqual([status, lacksPath])
  }
})

test('who does not answer within a second is silent, who refuses or has no address cannot be reached', async () => {
  const { url } = await platform(() => undefined)
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
  const { url } = await platform((_request, response) => void response.writeHead(200).write('x'))
  expect(await probeDeployment({ kind: 'HTTP', url, probePath: null, addresses: [] })).toEqual({
    trouble: null,
    addresses: ['127.0.0.1'],
  })
})

test('what answers by speaking something else from then on ends the probe like any other answer', async () => {
  const { url } = await platform((request) => {
    request.socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n')
  })
  expect(await probeDeployment({ kind: 'HTTP', url, probePath: null, addresses: [] })).toMatchObject({
    trouble: { cause: 'UNREACHABLE', detail: 'It cannot be reached: the connection was cut' },
  })
})

test('a probe that is cancelled ends at once', async () => {
  const { url } = await platform(() => undefined)
  const began = performance.now()
  expect(
    await probeDeployment({ kind: 'HTTP', url, probePath: null, addresses: [] }, { signal: AbortSignal.abort() }),
  ).toMatchObject({ trouble: { cause: 'SILENT' } })
  expect(performance.now() - began).toBeLessThan(500)
})

/** A host of several addresses, on the same port: what listens at those that live, and what was asked of each. */
async function host(living: readonly string[]) {
  const asked: string[] = []
  const servers = new Map<string, http.Server>()
  let port = 0
  async function start(address: string, answer: http.RequestListener = (_, response) => void response.end()) {
    const server = http.createServer((request, response) => {
      asked.push(address)
      answer(request, response)
    })
    server.listen(port, address)
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
    servers.set(address, server)
  }
  function stop(address: string) {
    servers.get(address)?.closeAllConnections()
    servers.get(address)?.close()
  }
  onTestFinished(() => [...servers.keys()].forEach(stop))
  for (const address of living) await start(address)
  const probe = (used: readonly string[], ...addresses: string[]) =>
    probeDeployment(
      { kind: 'HTTP', url: `http://dual.test:${port}`, probePath: null, addresses: used },
      { resolve: async () => addresses, isAnother: (cluster) => cluster === 'edge' },
    )
  return { probe, asked, start, stop }
}

test('a host is healthy over the address that answers, whatever their order', async () => {
  const { probe } = await host(['127.0.0.2'])
  const healthy = { trouble: null, addresses: ['127.0.0.2'] }
  expect(await probe([], '127.0.0.1', '127.0.0.2')).toEqual(healthy)
  expect(await probe([], '127.0.0.2', '127.0.0.1')).toEqual(healthy)
  expect(await probe(['127.0.0.1'], '127.0.0.1', '127.0.0.2')).toEqual(healthy)
  expect(await probe(['127.0.0.9'], '127.0.0.1', '127.0.0.2', '::1')).toEqual(healthy)
})

test('calls go to all addresses that answer, whatever their order, and to those alone', async () => {
  const { probe, stop } = await host(['127.0.0.1', '127.0.0.2', '127.0.0.3'])
  const all = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
  expect(await probe([], ...all)).toEqual({ trouble: null, addresses: all })
  expect(await probe(['127.0.0.2'], ...all.toReversed())).toEqual({ trouble: null, addresses: all })
  expect(await probe(all, '127.0.0.3')).toEqual({ trouble: null, addresses: ['127.0.0.3'] })
  stop('127.0.0.2')
  expect(await probe(all, ...all)).toEqual({ trouble: null, addresses: ['127.0.0.1', '127.0.0.3'] })
})

test('of many addresses eight are called, those that are called already first', async () => {
  const all = Array.from({ length: 12 }, (_, n) => `127.0.1.${n + 10}`)
  const { probe } = await host(all)
  expect((await probe([], ...all)).addresses).toEqual(all.slice(0, 8))
  const used = [...all.slice(0, 3), ...all.slice(7)]
  expect((await probe(used, ...all.toReversed())).addresses).toEqual(used)
})

test.each<[string, () => Promise<never>]>([
  ['silent', () => new Promise(() => undefined)],
  ['unwell', () => Promise.reject(Object.assign(new Error('try again'), { code: 'EAI_AGAIN' }))],
])('while the name server is %s, the addresses are asked that were good last', async (_how, resolve) => {
  const { url } = await platform((_request, response) => void response.end())
  const { port } = new URL(url)
  const of = (addresses: string[]) =>
    probeDeployment({ kind: 'HTTP', url: `http://fn.test:${port}`, probePath: null, addresses }, { resolve })
  expect(await of(['127.0.0.1'])).toEqual({ trouble: null, addresses: ['127.0.0.1'] })
  expect(await of([])).toMatchObject({ trouble: { cause: 'SILENT' }, addresses: [] })
})

test('a server of both families is one: it is called by IPv4, and by IPv6 where that alone answers', async () => {
  const { probe, stop } = await host(['127.0.0.1', '::1'])
  expect((await probe([], '::1', '127.0.0.1')).addresses).toEqual(['127.0.0.1'])
  stop('127.0.0.1')
  expect((await probe(['127.0.0.1'], '::1', '127.0.0.1')).addresses).toEqual(['::1'])
})

test('an address that is silent does not use up the time of the others', async () => {
  const { probe, start } = await host(['127.0.0.2'])
  await start('127.0.0.1', () => undefined)
  expect(await probe(['127.0.0.1'], '127.0.0.1', '127.0.0.2')).toEqual({ trouble: null, addresses: ['127.0.0.2'] })
})

test('a host none of whose addresses answers is not well, keeps its addresses, and the refusal is told', async () => {
  const { probe, start } = await host([])
  await start('127.0.0.1', () => undefined)
  expect(await probe(['127.0.0.2'], '127.0.0.1', '127.0.0.2')).toEqual({
    trouble: { cause: 'UNREACHABLE', detail: 'It cannot be reached: the connection is refused', away: true },
    addresses: ['127.0.0.2'],
  })
  expect(await probe(['127.0.0.1'], '127.0.0.1', '127.0.0.2')).toMatchObject({
    trouble: { cause: 'UNREACHABLE' },
    addresses: ['127.0.0.1'],
  })
})

test('a platform that says it belongs to another cluster of the fleet is not taken for the one that it was registered as', async () => {
  const telling = (cluster: string) =>
    platform((_request, response) => void response.setHeader('X-FaDO-Cluster', cluster).end())
  const probe = ({ url }: { url: string }) =>
    probeDeployment({ kind: 'HTTP', url, probePath: null, addresses: [] }, { isAnother: (name) => name === 'edge' })
  expect(await probe(await telling('edge'))).toEqual({
    trouble: { cause: 'FAILING', detail: 'What answers belongs to the cluster edge', away: false },
    addresses: ['127.0.0.1'],
  })
  expect(await probe(await telling('hpc'))).toMatchObject({ trouble: null })
})

test('of several addresses none is taken that belongs to another cluster', async () => {
  const { probe, start } = await host(['127.0.0.2'])
  await start('127.0.0.1', (_request, response) => void response.setHeader('x-fado-cluster', 'edge').end())
  expect(await probe(['127.0.0.1'], '127.0.0.1', '127.0.0.2')).toEqual({ trouble: null, addresses: ['127.0.0.2'] })
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

/** Answers the health service of gRPC with these, over HTTP/2. */
async function grpcServer(answer: (stream: http2.ServerHttp2Stream) => void, tls?: { cert: string; key: string }) {
  const asked: unknown[] = []
  const server = tls ? http2.createSecureServer(tls) : http2.createServer()
  const sessions = new Set<http2.ServerHttp2Session>()
  server.on('session', (session) => sessions.add(session))
  server.on('stream', (stream: http2.ServerHttp2Stream, headers) => {
    asked.push([headers[':method'], headers[':path'], headers['content-type']])
    answer(stream)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, asked }
}

/** With the status of the health service in its message; null: it has none. */
const grpcAnswer = (serving: number | null, code: number) => (stream: http2.ServerHttp2Stream) => {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(code) }))
  stream.end(serving === null ? undefined : Buffer.from([0, 0, 0, 0, 2, 8, serving]))
}

test.each([
  ['serves', grpcAnswer(1, 0), null],
  ['does not serve', grpcAnswer(2, 0), 'It answers NOT_SERVING'],
  ['has no health service', grpcAnswer(null, 12), null],
  ['is unavailable', grpcAnswer(null, 14), 'It answers UNAVAILABLE'],
  [
    'is broken',
    (stream: http2.ServerHttp2Stream) => stream.respond({ ':status': 503 }, { endStream: true }),
    'It answers 503',
  ],
])('of gRPC alone, a server that %s', async (_how, answer, detail) => {
  const { port, asked } = await grpcServer(answer)
  const target = {
    kind: 'HTTP',
    takes: 'grpc',
    url: `http://127.0.0.1:${port}`,
    probePath: null,
    addresses: [],
  } as const
  const { trouble } = await probeDeployment(target)
  expect(trouble).toEqual(detail === null ? null : { cause: 'FAILING', detail, away: false })
  expect(asked).toEqual([['POST', '/grpc.health.v1.Health/Check', 'application/grpc']])
})

test('of gRPC alone, over TLS, and one that speaks no HTTP/2 or refuses', async () => {
  const authority = await createAuthority()
  const { port } = await grpcServer(grpcAnswer(1, 0), await authority.issue(['DNS:localhost']))
  const of = (url: string) =>
    probeDeployment({
      ...{ kind: 'HTTP', takes: 'grpc', url, probePath: null, addresses: [] },
      ...(url.startsWith('https')
        ? { tls: { caCertificates: authority.ca, skipVerify: false, clientCertificate: null } }
        : {}),
    })
  expect((await of(`https://localhost:${port}`)).trouble).toBeNull()
  expect((await of(`https://127.0.0.1:${port}`)).trouble).toMatchObject({
    cause: 'UNREACHABLE',
    detail: 'It cannot be reached: its certificate is for another host',
  })
  const { url } = await platform((_request, response) => void response.end())
  expect((await of(url)).trouble).toMatchObject({
    cause: 'UNREACHABLE',
    detail: 'It cannot be reached: it speaks no HTTP/2',
  })
  const cut = await grpcServer((stream) => stream.session?.socket.destroy())
  expect((await of(`http://127.0.0.1:${cut.port}`)).trouble).toMatchObject({ cause: 'UNREACHABLE' })
  const silent = await grpcServer(() => {})
  expect((await of(`http://127.0.0.1:${silent.port}`)).trouble).toMatchObject({ cause: 'SILENT' })
  expect((await of('http://127.0.0.1:1')).trouble).toMatchObject({ cause: 'UNREACHABLE', away: true })
})
