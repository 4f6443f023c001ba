// xDS over TLS: who Envoys and control planes are is shown by certificates, and whoever shows another one gets nothing.
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import http2 from 'node:http2'
import path from 'node:path'
import { connect } from 'node:tls'
import { credentials, Server, status } from '@grpc/grpc-js'
import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { messageNames, typeUrl } from '../../../proxy/type-urls.ts'
import { xdsCredentials } from '../../../proxy/xds-credentials.ts'
import { createAuthority } from '../../support/certificates.ts'
import type { TestEnvoy } from '../../support/envoy.ts'
import { endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { toldCall } from '../../support/told-call.ts'
import { connectXds } from '../../support/xds-client.ts'

const scope = { type_url: typeUrl(messageNames.scope) }
const atLoopback = ['IP:127.0.0.1', 'DNS:localhost']

async function files() {
  const dir = await tempDir()
  const write = async (name: string, text: string) => {
    const file = path.join(dir, name)
    await writeFile(file, text)
    return file
  }
  return {
    write,
    async pair(name: string, { cert, key }: { cert: string; key: string }) {
      return { certificate: await write(`${name}.crt`, cert), key: await write(`${name}.key`, key) }
    },
  }
}

const patient = { timeout: 10_000 }

/** How often an Envoy has refused a control plane for this. */
const refusals = async (envoy: TestEnvoy, what: 'fail_verify_error' | 'fail_verify_san') =>
  Number((await envoy.get(`/stats?filter=cluster.fado_xds.ssl.${what}`)).split(': ')[1] ?? 0)

type Heads = [http2.IncomingHttpHeaders]
type Pair = { cert: string; key: string }

/** A control plane that shows a certificate, and wants one of Envoys where `mutual`. */
async function start(mutual: boolean, more: Parameters<typeof startRouting>[0] = {}) {
  const { write, pair } = await files()
  const authority = await createAuthority()
  const own = await pair('fado', await authority.issue(atLoopback))
  const ca = await write('ca.crt', authority.ca)
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  const routing = await startRouting({ log, tls: { ...own, clientCa: mutual ? ca : null }, ...more })
  routing.proxy.apply({ kind: 'routes', routes: [{ bucket: 'photos', number: 1, table: tableOf(['edge']) }] })
  routing.proxy.ready()
  const client = (nodeId: string, shown?: Pair, token?: string) => {
    const [key, cert] = shown ? [Buffer.from(shown.key), Buffer.from(shown.cert)] : []
    const channel = credentials.createSsl(Buffer.from(authority.ca), key, cert)
    const stream = connectXds(routing.xdsPort, { nodeId, channel, token, host: 'localhost' })
    stream.send(scope)
    return stream
  }
  const said = () => lines.map((line) => (JSON.parse(line) as { msg: string }).msg)
  return { ...routing, authority, ca, own, write, pair, client, said }
}

test('an Envoy whose certificate names it is served without a token; its calls pass', async () => {
  const functions = await startFunctions('edge')
  const { proxy, startEnvoy, firstAnswer, authority, ca, pair } = await start(true)
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
  const client = await pair('envoy', await authority.issue(['DNS:other.example', 'DNS:envoy-1']))
  const envoy = await startEnvoy({ token: null, tls: { ca, client } })
  expect((await firstAnswer('/function/f', { bucket: 'photos' })).status).toBe(200)
  expect(await envoy.get('/config_dump')).not.toContain('PRIVATE KEY')
})

test('an Envoy with a token is served over TLS', async () => {
  const functions = await startFunctions('edge')
  const { proxy, startEnvoy, firstAnswer, ca } = await start(false)
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
  await startEnvoy({ tls: { ca, client: null } })
  expect((await firstAnswer('/function/f', { bucket: 'photos' })).status).toBe(200)
})

test('an Envoy takes nothing from a control plane that others signed for, or that shows another name', async () => {
  const { xdsPort, startEnvoy, write, events, client, authority, ca } = await start(false)
  const other = await createAuthority()
  const wrong = await startEnvoy({ nodeId: 'wrong-ca', tls: { ca: await write('other.crt', other.ca), client: null } })
  await expect.poll(() => refusals(wrong, 'fail_verify_error'), patient).toBeGreaterThan(0)
  const impostor = await files()
  const named = await startRouting({
    tls: { ...(await impostor.pair('x', await authority.issue(['DNS:another.example']))), clientCa: null },
  })
  const misled = await startEnvoy({ xdsPort: named.xdsPort, nodeId: 'misled', tls: { ca, client: null } })
  await expect.poll(() => refusals(misled, 'fail_verify_san'), patient).toBeGreaterThan(0)
  expect([...events, ...named.events]).toEqual([])
  // One that knows it is served all the while.
  await client('good', undefined, 'test-token').next('its scopes', ({ type }) => type === 'scope')
  expect(xdsPort).not.toBe(named.xdsPort)
})

test('who shows no certificate, a foreign, self-made or expired one, or that of another node, gets nothing and is told of', async () => {
  const { client, authority, said, proxy, xdsPort } = await start(true)
  const other = await createAuthority()
  const needed = { code: status.UNAUTHENTICATED, details: expect.stringContaining('FADO_XDS_CLIENT_CA') as string }
  expect(await client('edge-1').ended).toEqual(needed)
  expect(await client('edge-1', undefined, 'test-token').ended, 'a token is no certificate').toEqual(needed)
  expect(await client('edge-1', await other.issue(['DNS:edge-1'])).ended).toEqual(needed)
  expect(await client('edge-1', await authority.issue(['DNS:edge-1'], 0)).ended).toEqual(needed)
  const ofOther = await authority.issue(['DNS:edge-1', 'DNS:*.edge', 'URI:node-9'])
  for (const nodeId of ['edge-2', 'EDGE-1', 'a.edge', '*.edge', '.edge', 'node-9', 'fado-test'])
    expect(await client(nodeId, ofOther).ended, nodeId).toEqual({
      code: status.PERMISSION_DENIED,
      details: 'the certificate has no DNS name (subjectAltName) that is the node.id',
    })
  for (const nodeId of ['edge-1\n', 'edge-1\0'])
    expect((await client(nodeId, ofOther).ended).code, nodeId).toBe(status.INVALID_ARGUMENT)
  expect(proxy.status()).toEqual([])
  expect(said()[0]).toBe(
    'an Envoy may not connect: it shows no certificate that an authority of FADO_XDS_CLIENT_CA has signed',
  )
  const plain = connectXds(xdsPort)
  plain.send(scope)
  expect((await plain.ended).code).toBe(status.UNAVAILABLE)
  await client('edge-1', ofOther).next('its scopes', ({ type }) => type === 'scope')
})

test('an Envoy tells of its own calls alone: of none in the name of another', async () => {
  const told: number[] = []
  const { authority, xdsPort } = await start(true, { called: (calls) => void told.push(calls.length) })
  const session = http2.connect(`https://localhost:${xdsPort}`, {
    ca: authority.ca,
    ...(await authority.issue(['DNS:edge-1'])),
  })
  onTestFinished(() => session.destroy())
  const tell = async (nodeId: string) => {
    const request = session.request({
      ...{ ':method': 'POST', ':path': '/opentelemetry.proto.collector.logs.v1.LogsService/Export' },
      ...{ 'content-type': 'application/grpc', te: 'trailers' },
    })
    request.end(logOf(nodeId)).resume()
    const [head] = (await Promise.race([once(request, 'trailers'), once(request, 'response')])) as Heads
    return Number(head['grpc-status'] ?? ((await once(request, 'trailers')) as Heads)[0]['grpc-status'])
  }
  expect(await tell('edge-2')).toBe(status.PERMISSION_DENIED)
  expect(told).toEqual([])
  expect(await tell('edge-1')).toBe(status.OK)
  expect(told).toEqual([1])
})

/** A log of one call, in the frame of gRPC. */
function logOf(nodeId: string): Buffer {
  const field = (number: number, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts)
    return Buffer.concat([Buffer.from([number * 8 + 2, body.length]), body])
  }
  const text = (number: number, value: string) => field(number, Buffer.from(value))
  const resource = field(1, field(1, text(1, 'node_name'), field(2, text(1, nodeId))))
  const records = field(2, field(2, field(5, text(1, toldCall))))
  const message = field(1, resource, records)
  const length = Buffer.alloc(5)
  length.writeUInt32BE(message.length, 1)
  return Buffer.concat([length, message])
}

test('a certificate that is renewed is shown without a restart; a broken file changes nothing, and is told of', async () => {
  const { write, pair } = await files()
  const [first, second] = [await createAuthority(), await createAuthority()]
  const own = await pair('fado', await first.issue(atLoopback))
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const tls = await xdsCredentials({ ...own, clientCa: null }, log, 10)
  onTestFinished(tls.stop)
  const server = new Server()
  onTestFinished(() => server.forceShutdown())
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', tls.credentials, (error, bound) => (error ? reject(error) : resolve(bound)))
  })
  /** Whether who knows this authority believes the server. */
  const connects = async (ca: string) => {
    const socket = connect({ port, host: '127.0.0.1', ca, ALPNProtocols: ['h2'] }).on('error', () => undefined)
    const outcome = await new Promise((resolve) => {
      socket.once('secureConnect', () => resolve(true)).once('close', () => resolve(false))
    })
    socket.destroy()
    return outcome
  }
  expect(await connects(first.ca)).toBe(true)
  await write('fado.crt', 'half written')
  await expect.poll(() => lines.join('')).toContain('The one before goes on')
  expect(await connects(first.ca)).toBe(true)
  await pair('fado', await second.issue(atLoopback))
  await expect.poll(() => connects(second.ca)).toBe(true)
  expect(await connects(first.ca)).toBe(false)
})

test.for<[string, string, string | null, string]>([
  ['is not there', 'fado.crt', null, 'cannot be read (it is not there)'],
  ['is no certificate', 'fado.crt', 'nonsense', 'no certificate, its key'],
  ['is the key of another certificate', 'fado.key', 'other', 'no certificate, its key'],
  ['holds no authority', 'ca.crt', 'nonsense', 'holds no certificate of an authority'],
])('a file that %s is told of at the start', async ([, which, content, message]) => {
  const { write, pair } = await files()
  const authority = await createAuthority()
  const own = await pair('fado', await authority.issue(atLoopback))
  const clientCa = await write('ca.crt', authority.ca)
  const other = await authority.issue(atLoopback)
  const bad =
    content === null ? '/nowhere/fado.crt' : await write(`bad-${which}`, content === 'other' ? other.key : content)
  const tls = {
    certificate: which === 'fado.crt' ? bad : own.certificate,
    key: which === 'fado.key' ? bad : own.key,
    clientCa: which === 'ca.crt' ? bad : clientCa,
  }
  await expect(startRouting({ tls })).rejects.toThrow(message)
})
