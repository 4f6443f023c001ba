import { once } from 'node:events'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { probeDeployment } from '../../../../server/faas/probe-deployment.ts'
import { createAuthority } from '../../../support/certificates.ts'
import { probedPlatform } from '../../../support/probed-platform.ts'

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
  const { url } = await probedPlatform((_request, response) => void response.end())
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
