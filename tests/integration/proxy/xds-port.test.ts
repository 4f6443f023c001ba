// What comes to the xDS port and is no Envoy of ours. Whatever it is, an Envoy beside it follows changes, and nothing is kept of it.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http2 from 'node:http2'
import net from 'node:net'
import { status } from '@grpc/grpc-js'
import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { messageNames, typeUrl } from '../../../proxy/type-urls.ts'
import { startRouting, tableOf } from '../../support/routing.ts'
import { type ClientResponse, connectAsEnvoy, connectXds } from '../../support/xds-client.ts'
import { connectionTo } from '../../support/xds-stream.ts'

/**
 * A control plane with one Envoy that has all; `goesOn` changes a route and waits until that Envoy has it. Who answers nothing has
 * ACKed nothing, however long that goes on: a bucket that is late would be passed over.
 */
async function start(options: Parameters<typeof startRouting>[0] = {}) {
  const routing = await startRouting({ settings: { behindMs: 600_000 }, ...options })
  const { proxy, xdsPort } = routing
  let number = 1
  const table = () => tableOf(['edge'], { timeoutMs: 1000 + (number % 2) })
  proxy.apply({ kind: 'routes', routes: [{ bucket: 'photos', number, table: table() }] })
  proxy.ready()
  const envoy = connectAsEnvoy(xdsPort, { nodeId: 'good' })
  await routing.acked(1)
  async function goesOn() {
    number++
    proxy.apply({ kind: 'routes', routes: [{ bucket: 'photos', number, table: table() }] })
    const good = () => proxy.status().find(({ nodeId }) => nodeId === 'good')
    await routing.until(() => good()?.ackedThrough === number && good()?.exceptions.length === 0)
  }
  return { ...routing, envoy, goesOn }
}

type Heads = [http2.IncomingHttpHeaders]

const scope = { type_url: typeUrl(messageNames.scope) }

/** A connection that writes and does not care for answers. */
function rawConnection(port: number) {
  const socket = net.connect(port, '127.0.0.1').on('error', () => undefined)
  socket.resume()
  const closed = once(socket, 'close')
  onTestFinished(() => void socket.destroy())
  return { socket, closed }
}

test('bytes that are no HTTP/2, and frames that are none of gRPC, end their own connection', async () => {
  const { goesOn, xdsPort } = await start()
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
  const garbage = [
    randomBytes(100_000),
    Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00]), // the beginning of a TLS handshake
    Buffer.concat([Buffer.from(preface), randomBytes(100_000)]),
    Buffer.concat([Buffer.from(preface), Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1])]), // a frame of 16 MB
  ]
  for (const bytes of garbage) {
    const { socket, closed } = rawConnection(xdsPort)
    socket.write(bytes)
    await goesOn()
    socket.end()
    await closed
  }
  await goesOn()
})

test('what is no request of a message that FaDO reads ends its stream', async () => {
  const { goesOn, xdsPort, proxy } = await start()
  const session = http2.connect(`http://127.0.0.1:${xdsPort}`)
  onTestFinished(() => session.destroy())
  const path = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources'
  const messages = {
    'no message': Buffer.concat([Buffer.from([0, 0, 0, 0, 100]), randomBytes(100)]),
    'longer than is taken': Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]),
    'compressed with what nobody knows': Buffer.concat([Buffer.from([1, 0, 0, 0, 4]), randomBytes(4)]),
  }
  for (const [what, bytes] of Object.entries(messages)) {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: 'Bearer test-token',
    })
    stream.on('error', () => undefined).resume()
    stream.write(bytes)
    // An answer without a message has its status in its head.
    const [head] = (await Promise.race([once(stream, 'response'), once(stream, 'trailers')])) as Heads
    expect(Number(head['grpc-status']), what).toBeGreaterThan(0)
  }
  expect(proxy.status().map(({ nodeId }) => nodeId)).toEqual(['good'])
  await goesOn()
})

test.for([
  ['no id', {}],
  ['an empty id', { id: '' }],
  ['an id of more than 255 characters', { id: 'x'.repeat(256) }],
  ['an id that no database takes', { id: 'edge\0' }],
  ['an id of two lines', { id: 'edge\nother' }],
])('a node with %s is refused', async ([, node]) => {
  const { goesOn, xdsPort } = await start()
  const client = connectXds(xdsPort)
  client.send({ ...scope, node: node as { id?: string } })
  expect(await client.ended).toEqual({
    code: status.INVALID_ARGUMENT,
    details: 'the first request must name the node: node.id, at most 255 characters, none of them a control character',
  })
  await goesOn()
})

test('who takes the id of another node is a stream of its own, and takes nothing from the other', async () => {
  const { goesOn, xdsPort, proxy, envoy, acked } = await start()
  const other = connectAsEnvoy(xdsPort, { nodeId: 'good' })
  await acked(1, 2)
  expect(proxy.status().map(({ nodeId }) => nodeId)).toEqual(['good', 'good'])
  await goesOn()
  other.close()
  await expect.poll(() => proxy.status().length).toBe(1)
  await goesOn()
  expect(envoy.scopes.size).toBeGreaterThan(0)
})

test('a stream that names another node later stays what it was', async () => {
  const { xdsPort, proxy } = await start()
  const client = connectXds(xdsPort, { nodeId: 'one' })
  client.send(scope)
  await client.next('its scopes', ({ type }) => type === 'scope')
  client.send({ node: { id: 'good' }, type_url: typeUrl(messageNames.listener) })
  await client.next('its listeners', ({ type }) => type === 'listener')
  expect(proxy.status().map(({ nodeId }) => nodeId)).toEqual(['good', 'one'])
})

test('a reason and a version that no database takes are told without what it does not take', async () => {
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  const { xdsPort, events } = await start({ log })
  const client = connectXds(xdsPort)
  client.send({ ...scope, node: { id: 'odd', user_agent_version: '1\0.40' } } as Parameters<typeof client.send>[0])
  const { nonce } = await client.next('its scopes', ({ type }) => type === 'scope')
  client.send({ ...scope, response_nonce: nonce, error_detail: { message: 'no\0, thanks' } })
  await expect.poll(() => lines.map((line) => (JSON.parse(line) as { reason?: string }).reason)).toEqual(['no, thanks'])
  expect(events).toContain('connected odd 1.40')
})

test('a reason, a version and names of any length are not kept', async () => {
  const lines: string[] = []
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  const { xdsPort, events, goesOn } = await start({ log })
  const long = 'x'.repeat(5_000_000)
  const client = connectXds(xdsPort)
  client.send({ ...scope, node: { id: 'long', user_agent_version: long } } as Parameters<typeof client.send>[0])
  const { nonce } = await client.next('its scopes', ({ type }) => type === 'scope')
  client.send({ ...scope, response_nonce: nonce, error_detail: { message: long } })
  await expect.poll(() => lines.length).toBe(1)
  expect((JSON.parse(lines[0] ?? '') as { reason: string }).reason).toHaveLength(1_000)
  expect(events.find((event) => event.startsWith('connected long'))).toHaveLength('connected long '.length + 100)
  client.send({ type_url: typeUrl(messageNames.table), resource_names_subscribe: [long] })
  expect(await client.ended).toEqual({
    code: status.INVALID_ARGUMENT,
    details: 'a stream may ask for names of 1000 characters at most',
  })
  await goesOn()
})

test('streams on one connection are streams of their own: what ends one, or is not answered by one, is nothing to the others', async () => {
  const { xdsPort, proxy, goesOn, acked } = await start()
  const over = connectionTo(xdsPort)
  onTestFinished(() => over.close())
  const well = connectAsEnvoy(xdsPort, { nodeId: 'well', over })
  const silent = connectAsEnvoy(xdsPort, { nodeId: 'silent', over, answers: () => false })
  await acked(1, 2)
  const refused = connectXds(xdsPort, { nodeId: '', over })
  refused.send(scope)
  const unproven = connectXds(xdsPort, { token: 'wrong', over })
  unproven.send(scope)
  expect((await refused.ended).code).toBe(status.INVALID_ARGUMENT)
  expect((await unproven.ended).code).toBe(status.UNAUTHENTICATED)
  const gone = connectAsEnvoy(xdsPort, { nodeId: 'well', over })
  await acked(1, 3)
  gone.close()
  await expect.poll(() => proxy.status().map(({ nodeId }) => nodeId)).toEqual(['good', 'well', 'silent'])
  await goesOn()
  const ofWell = () => proxy.status().find(({ nodeId }) => nodeId === 'well')
  await expect.poll(() => ofWell()?.ackedThrough).toBe(2)
  expect(well.scopes.size).toBeGreaterThan(0)
  expect(proxy.status().find(({ nodeId }) => nodeId === 'silent')?.ackedThrough ?? null).toBeNull()
  silent.close()
  await expect.poll(() => proxy.status().length).toBe(2)
})

test('types that FaDO does not serve are passed over; the stream goes on', async () => {
  const { goesOn, xdsPort } = await start()
  const client = connectXds(xdsPort)
  const unknown = ['', 'type.googleapis.com/', 'type.googleapis.com/google.protobuf.Struct', '__proto__', 'constructor']
  for (const type_url of unknown) client.send({ type_url, resource_names_subscribe: ['a', '__proto__'] })
  for (const type_url of unknown) client.send({ type_url, response_nonce: 'x', error_detail: { message: 'no' } })
  client.send(scope)
  expect((await client.next('an answer', () => true)).type).toBe('scope')
  expect(client.received).toEqual([])
  await goesOn()
})

test('nonces that nobody gave, those of another type or stream, and old ones ACK nothing', async () => {
  const { xdsPort, proxy, goesOn, envoy } = await start()
  const client = connectXds(xdsPort, { nodeId: 'forger' })
  client.send(scope)
  const { nonce } = await client.next('its scopes', ({ type }) => type === 'scope')
  const forged = [
    '',
    'x',
    `${nonce}0`,
    nonce.replace('scope', 'table'),
    'scope-999999',
    '__proto__',
    'x'.repeat(100_000),
  ]
  for (const response_nonce of forged) {
    client.send({ ...scope, response_nonce })
    client.send({ ...scope, response_nonce, error_detail: { message: 'no' } })
    client.send({ type_url: typeUrl(messageNames.table), response_nonce: nonce })
  }
  await goesOn()
  expect(proxy.status().find(({ nodeId }) => nodeId === 'forger')?.ackedThrough ?? null).toBeNull()
  expect(envoy.scopes.get('bucket/photos')).toBeDefined()
})

test('an ACK that comes again says nothing of what was sent since', async () => {
  const { xdsPort, proxy, acked } = await start()
  const held: ClientResponse[] = []
  const answers = (response: ClientResponse) => {
    const isHeld = held.length > 0 || (response.type === 'scope' && response.resources.has('bucket/videos'))
    if (isHeld) held.push(response)
    return !isHeld
  }
  const nonces: string[] = []
  const onResponse = ({ type, nonce }: ClientResponse) => void (type === 'scope' && nonces.push(nonce))
  const client = connectAsEnvoy(xdsPort, { nodeId: 'again', answers, onResponse })
  await acked(1, 2)
  proxy.apply({ kind: 'routes', routes: [{ bucket: 'videos', number: 2, table: tableOf(['edge']) }] })
  await expect.poll(() => held.length).toBe(1)
  const [last, ...old] = nonces.toReversed()
  for (const response_nonce of old) client.send({ ...scope, response_nonce })
  const again = () => proxy.status().find(({ nodeId }) => nodeId === 'again')?.ackedThrough
  await acked(2)
  expect(again()).toBe(1)
  client.send({ ...scope, response_nonce: last ?? '' })
  await acked(2, 2)
  expect(again()).toBe(2)
})

test('a flood of streams without a token is refused, stream by stream, and keeps nothing', async () => {
  const { goesOn, xdsPort, proxy } = await start()
  const refused = Array.from({ length: 500 }, (_, i) => {
    const client = connectXds(xdsPort, { token: i % 2 ? undefined : 'wrong' })
    client.send(scope)
    return client.ended
  })
  await goesOn()
  for (const { code } of await Promise.all(refused)) expect(code).toBe(status.UNAUTHENTICATED)
  expect(proxy.status()).toHaveLength(1)
  await goesOn()
})

test.for([
  '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources',
  '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
])('who proves nothing is refused before what he sends was read, by %s', async (path) => {
  const { goesOn, xdsPort } = await start({ called: () => undefined })
  const session = http2.connect(`http://127.0.0.1:${xdsPort}`)
  onTestFinished(() => session.destroy())
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  stream.on('error', () => undefined).resume()
  // Of a message of 60 MB the beginning.
  const head = Buffer.alloc(5)
  head.writeUInt32BE(60 * 1024 * 1024, 1)
  stream.write(head)
  let taken = 0
  const part = Buffer.alloc(1024 * 1024)
  for (let n = 0; n < 3; n++) stream.write(part, (error) => void (error ?? taken++))
  const [answer] = (await Promise.race([once(stream, 'response'), once(stream, 'trailers')])) as Heads
  expect(answer['grpc-status']).toBe(String(status.UNAUTHENTICATED))
  await goesOn()
  expect(taken).toBe(0)
})

test('a token that is revoked ends its stream; one that cannot be looked up just now does not', async () => {
  let known: boolean | Error = true
  let asked = 0
  const authenticate = async () => {
    asked++
    if (known instanceof Error) throw known
    return known
  }
  const { xdsPort } = await startRouting({ authenticate, recheckMs: 20 })
  const client = connectXds(xdsPort)
  client.send(scope)
  let ended = false
  void client.ended.then(() => (ended = true))
  await expect.poll(() => asked).toBeGreaterThan(3)
  known = new Error('no database')
  const before = asked
  await expect.poll(() => asked).toBeGreaterThan(before + 5)
  expect(ended).toBe(false)
  known = false
  expect(await client.ended).toMatchObject({
    code: status.UNAUTHENTICATED,
    details: expect.stringMatching(/^not any more: /),
  })
})

test('who comes to a control plane that lags behind is answered when that has caught up, and refused where it cannot', async () => {
  let catchUp: () => Promise<void> = () => Promise.resolve()
  const { proxy, xdsPort } = await start({ caughtUp: () => catchUp() })
  catchUp = async () => proxy.apply({ kind: 'routes', routes: [{ bucket: 'photos', number: 100, table: null }] })
  const client = connectXds(xdsPort, { nodeId: 'late' })
  client.send({ ...scope, initial_resource_versions: { 'bucket/photos': 'Ab12.1' } })
  expect((await client.next('its scopes', ({ type }) => type === 'scope')).removed).toContain('bucket/photos')
  for (const away of [() => Promise.reject(new Error('no database')), () => new Promise<void>(() => undefined)]) {
    catchUp = away
    const refused = connectXds(xdsPort, { nodeId: 'later' })
    refused.send(scope)
    expect((await refused.ended).code).toBe(status.UNAVAILABLE)
  }
})

test('a control plane that lets go of its Envoys ends their streams, and takes them again', async () => {
  const { proxy, xdsPort, acked } = await start()
  const client = connectAsEnvoy(xdsPort, { nodeId: 'other' })
  await acked(1, 2)
  proxy.letGo()
  expect(proxy.status()).toEqual([])
  expect((await client.ended).code).toBe(status.UNAVAILABLE)
  expect((await connectAsEnvoy(xdsPort, { nodeId: 'other' }).ended).code).toBe(status.UNAVAILABLE)
  proxy.takeAgain()
  connectAsEnvoy(xdsPort, { nodeId: 'other' })
  await acked(1)
})

test('a connection holds a hundred streams at most', async () => {
  const { goesOn, xdsPort } = await start()
  const session = http2.connect(`http://127.0.0.1:${xdsPort}`)
  onTestFinished(() => session.destroy())
  const [settings] = (await once(session, 'remoteSettings')) as [http2.Settings]
  expect(settings.maxConcurrentStreams).toBe(100)
  await goesOn()
})

test('a flood of requests on one stream: others go on meanwhile, and what it asked for is answered in the end', async () => {
  const { goesOn, xdsPort } = await start()
  const client = connectXds(xdsPort, { nodeId: 'flood' })
  const names = Array.from({ length: 20_000 }, (_, i) => `table/of-nobody-${i}`)
  const request = { type_url: typeUrl(messageNames.table) }
  for (const name of names) client.send({ ...request, resource_names_subscribe: [name] })
  for (const name of names) client.send({ ...request, resource_names_unsubscribe: [name] })
  client.send({ ...request, resource_names_subscribe: ['table/the-last'] })
  for (let i = 0; i < 5; i++) await goesOn()
  const said = new Set<string>()
  while (!said.has('table/the-last')) {
    const { nonce, removed } = await client.next('that there is no such table', ({ type }) => type === 'table')
    for (const name of removed) said.add(name)
    client.send({ ...request, response_nonce: nonce })
  }
  await goesOn()
})

test('a first request of more than 64 MB ends its stream, one of 50 000 names does not', async () => {
  const { goesOn, xdsPort, proxy } = await start()
  const huge = connectXds(xdsPort, { nodeId: 'huge' })
  huge.send({ ...scope, initial_resource_versions: { a: 'x'.repeat(65 * 1024 * 1024) } })
  expect((await huge.ended).code).toBe(status.RESOURCE_EXHAUSTED)
  expect(proxy.status()).toHaveLength(1)
  const large = connectXds(xdsPort, { nodeId: 'large' })
  const known = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`bucket/gone-${i}`, 'Ab12.1']))
  large.send({ ...scope, initial_resource_versions: known })
  const { removed } = await large.next('what it has to give up', ({ type }) => type === 'scope')
  expect(removed.length).toBeGreaterThan(1000)
  large.close()
  await expect.poll(() => proxy.status().length).toBe(1)
  await goesOn()
})

test('a stream of the state of the world is refused with what to do', async () => {
  const { xdsPort } = await start()
  const client = connectXds(xdsPort, { method: 'StreamAggregatedResources' })
  expect(await client.ended).toEqual({
    code: status.UNIMPLEMENTED,
    details: 'FaDO speaks incremental xDS only: set api_type to DELTA_GRPC.',
  })
})
