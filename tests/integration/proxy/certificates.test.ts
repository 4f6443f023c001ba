// Callers who are known by client certificates, on a real Envoy: who is named by the policy gets through, and nobody else.
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import http2 from 'node:http2'
import https from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect } from 'node:tls'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { ownClaims, ownIssuer, ownKeyPrefix } from '../../../server/domain/callers/by-token.ts'
import type { Caller } from '../../../server/domain/callers/caller.ts'
import { type Certificates, createAuthority, type Pair } from '../../support/certificates.ts'
import { bucketHeader, endpointOf, startFunctions, tableOf } from '../../support/routing.ts'
import { type Shown, startTlsRouting } from '../../support/tls-ingress.ts'
import { keySet, signingKey, token } from '../../support/tokens.ts'

const nurseName = 'spiffe://clinic.example/nurse'
const key = signingKey('robot')
const robotKey = `${ownKeyPrefix}${token(key, { iss: ownIssuer, sub: key.kid })}`
const robot: Caller = { id: 'robot', kind: 'token', issuer: ownIssuer, audiences: [], claims: ownClaims(key.kid) }

let place: string
let [authority, stranger, ofServers]: Certificates[] = []
const by = (one: Certificates | undefined) => one as Certificates
let nurse: Pair
const callersBy = (ca: string): Caller[] => [
  { id: 'nurse', kind: 'certificate', authority: ca, names: [nurseName, 'nurse.example'] },
  { id: 'doctor', kind: 'certificate', authority: ca, names: ['spiffe://clinic.example/doctor'] },
  robot,
]
beforeAll(async () => {
  place = await mkdtemp(path.join(tmpdir(), 'fado-test-'))
  const make = async (name: string) => createAuthority(await mkdtemp(path.join(place, name)))
  ;[authority, stranger, ofServers] = await Promise.all(['authority', 'stranger', 'servers'].map(make))
  nurse = await by(authority).issue([`URI:${nurseName}`])
})
afterAll(() => rm(place, { recursive: true, force: true }))

const buckets = {
  open: undefined,
  records: ['nurse'],
  doctors: ['doctor'],
  robots: ['robot'],
  both: ['nurse', 'robot'],
}

async function guarded({ callers = callersBy(by(authority).ca), hidesBuckets = false } = {}) {
  const functions = await startFunctions('edge')
  const routing = await startTlsRouting(by(ofServers))
  const { proxy, untilAnswered } = routing
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
  const tell = (callers: readonly Caller[]) =>
    proxy.apply({ kind: 'callers', callers, keys: { [ownIssuer]: keySet(key) }, hidesBuckets })
  tell(callers)
  const routes = Object.entries(buckets).map(([bucket, ids], i) => ({
    bucket,
    number: i + 1,
    table: tableOf(['edge'], ids ? { callers: ids } : {}),
  }))
  proxy.apply({ kind: 'routes', routes })
  proxy.ready()
  const envoy = await routing.startEnvoy()
  await routing.firstAnswer('/function/f', { bucket: 'open' })
  await untilAnswered('open', {}, 200)
  return { ...routing, functions, envoy, tell }
}

/** One connection that stays open. */
function oneConnection() {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  return { agent, socket: () => Object.values(agent.freeSockets)[0]?.[0] }
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` })

test('who is named gets through by a name of its certificate, of which the function sees nothing', async () => {
  const { ask, status } = await guarded()
  const served = await ask('records', { pair: nurse })
  expect(served.status).toBe(200)
  for (const text of ['clinic.example', 'cert', 'x-fado-caller']) expect(served.body.toLowerCase()).not.toContain(text)
  const several = await by(authority).issue(['DNS:other.example', 'DNS:nurse.example', 'URI:spiffe://clinic.example/x'])
  expect(await status('records', { pair: several })).toBe(200)
  expect([await status('open'), await status('open', { pair: nurse })]).toEqual([200, 200])
})

test('a certificate of the authority that names nobody, or somebody else, is refused: 403', async () => {
  const { ask, status, functions } = await guarded()
  const doctor = await by(authority).issue(['URI:spiffe://clinic.example/doctor'])
  expect([await status('records', { pair: doctor }), await status('doctors', { pair: doctor })]).toEqual([403, 200])
  const before = functions.calls
  const names = [
    ['DNS:clinic.example'],
    ['email:nurse@clinic.example'],
    ['IP:127.0.0.1'],
    // What begins as a name does, or goes on after it.
    [`URI:${nurseName}s`],
    [`URI:${nurseName}/x`],
    ['URI:spiffe://clinic.example/nurs'],
    [`URI:x${nurseName}`],
    [`URI:${nurseName.toUpperCase()}`],
    ['DNS:*.example', 'DNS:x.nurse.example', 'DNS:nurse.example.org'],
    // Names that would be it if they were parted at commas, or at what parts other lists.
    [`URI:spiffe://clinic.example/x,${nurseName}`],
    [`URI:${nurseName},spiffe://clinic.example/x`],
    ['DNS:x,nurse.example', 'DNS:nurse.example,x'],
    [`URI:spiffe://clinic.example/x,URI:${nurseName}`],
    [`URI:spiffe://clinic.example/x;URI=${nurseName}`],
    // A name of the other kind.
    ['URI:nurse.example'],
    [`DNS:${nurseName}`],
    ['URI:DNS:nurse.example'],
  ]
  for (const some of names) {
    const answer = await ask('records', { pair: await by(authority).issue(some) })
    expect([some, answer.status]).toEqual([some, 403])
    expect(answer.headers).not.toHaveProperty('x-fado-decision')
  }
  expect(functions.calls).toBe(before)
})

test('a certificate that the authority has not signed, or that has expired, ends the connection', async () => {
  const { end, functions } = await guarded()
  const before = functions.calls
  const bad = {
    'of another authority of the same name': await by(stranger).issue([`URI:${nurseName}`]),
    'of the authority of servers': await by(ofServers).issue([`URI:${nurseName}`]),
    expired: await by(authority).issue([`URI:${nurseName}`], 0),
  }
  for (const [name, pair] of Object.entries(bad))
    for (const bucket of ['records', 'open']) expect(await end(bucket, { pair }), name).toBe('ended')
  expect(functions.calls).toBe(before)
})

test('without a certificate nothing is proven, whatever headers say, over TLS and without', async () => {
  const { ask, call, functions } = await guarded()
  const before = functions.calls
  const forged = {
    'x-forwarded-client-cert': `URI=${nurseName};DNS=nurse.example`,
    'x-fado-certificate': nurseName,
    'x-fado-caller': 'nurse',
    'fado.certificate': nurseName,
    'x-client-cert': encodeURIComponent(nurse.cert),
  }
  for (const headers of [{}, forged])
    for (const bucket of ['records', 'doctors', 'both']) {
      expect((await ask(bucket, { headers })).status).toBe(401)
      expect((await call('/function/f', { bucket, headers })).status).toBe(401)
    }
  expect(functions.calls).toBe(before)
  const seen = [await ask('open', { headers: forged }), await call('/function/f', { bucket: 'open', headers: forged })]
  for (const { status, body } of seen) {
    expect(status).toBe(200)
    for (const name of ['x-forwarded-client-cert', 'x-fado-certificate']) expect(body.toLowerCase()).not.toContain(name)
  }
})

test('with a certificate and a token either may name an allowed caller', async () => {
  const { status } = await guarded()
  const both = { pair: nurse, headers: bearer(robotKey) }
  expect([await status('records', both), await status('robots', both), await status('both', both)]).toEqual([
    200, 200, 200,
  ])
  expect(await status('doctors', both)).toBe(403)
  expect(await status('robots', { pair: nurse })).toBe(403)
  expect(await status('records', { headers: bearer(robotKey) })).toBe(403)
  // A token that is none takes nothing from the certificate.
  expect(await status('records', { pair: nurse, headers: bearer('x.y.z') })).toBe(200)
})

test('with a policy of the fleet a bucket that is not there answers as one that the certificate may not call', async () => {
  const { ask } = await guarded({ hidesBuckets: true })
  const said = async (bucket: string, shown?: Shown) => {
    const { status, headers, body } = await ask(bucket, shown)
    return [status, JSON.stringify({ ...headers, date: '', 'content-length': '', body }).replaceAll(bucket, 'NAME')]
  }
  for (const [shown, status] of [
    [{}, 401],
    [{ pair: nurse }, 403],
  ] as const) {
    const there = await said('doctors', shown)
    expect(there[0]).toBe(status)
    expect(await said('not-there', shown)).toEqual(there)
  }
})

test('a connection is let in for as long as its certificate lasts', async () => {
  const { status, untilAnswered } = await guarded()
  const { agent, socket } = oneConnection()
  const pair = await by(authority).issue([`URI:${nurseName}`], new Date(Date.now() + 4000))
  expect(await status('records', { pair, agent })).toBe(200)
  const before = socket()
  await untilAnswered('records', { pair, agent }, 401)
  // It is free a moment after the answer.
  await expect.poll(socket).toBe(before)
})

test.for(['TLSv1.2', 'TLSv1.3'] as const)(
  'no session is resumed: each connection shows its certificate (%s)',
  async (version) => {
    const { tlsPort } = await guarded()
    const shown = { ca: by(ofServers).ca, ...nurse, minVersion: version, maxVersion: version } as const
    const sessions: Buffer[] = []
    const connects = async (session?: Buffer) => {
      const socket = connect({ port: tlsPort, host: '127.0.0.1', ...shown, ...(session ? { session } : {}) })
      onTestFinished(() => void socket.destroy())
      socket.on('session', (one) => void sessions.push(one))
      await once(socket, 'secureConnect')
      socket.write(`GET /function/f HTTP/1.1\r\nhost: x\r\n${bucketHeader}: records\r\n\r\n`)
      const [answer] = (await once(socket, 'data')) as [Buffer]
      expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /)
      return socket.isSessionReused()
    }
    expect(await connects()).toBe(false)
    for (const session of [...sessions]) expect(await connects(session)).toBe(false)
  },
)

test('a name that one authority has signed is not that of another one which takes its place, on open connections neither', async () => {
  const { status, end, tell, untilAnswered } = await guarded()
  const { agent } = oneConnection()
  expect(await status('records', { pair: nurse, agent })).toBe(200)
  const other = await by(stranger).issue([`URI:${nurseName}`])
  tell(callersBy(by(stranger).ca))
  await untilAnswered('records', { pair: other }, 200)
  expect([401, 'ended']).toContain(await end('records', { pair: nurse, agent }))
  expect(await end('records', { pair: nurse })).toBe('ended')
})

test('a certificate of the ingress that is renewed is shown from the next connection on, and open ones stay', async () => {
  const { ask, show, status } = await guarded()
  const { agent, socket } = oneConnection()
  expect(await status('records', { pair: nurse, agent })).toBe(200)
  const before = { socket: socket(), serial: (await ask('open')).serialNumber }
  await show(await by(ofServers).issue(['IP:127.0.0.1']))
  await expect.poll(async () => (await ask('open')).serialNumber, { timeout: 10_000 }).not.toBe(before.serial)
  expect(await status('records', { pair: nurse, agent })).toBe(200)
  // It is free a moment after the answer.
  await expect.poll(socket).toBe(before.socket)
})

test('over HTTP/2 it is the same', async () => {
  const { tlsPort } = await guarded()
  const answers = async (pair: Partial<Pair>) => {
    const session = http2.connect(`https://127.0.0.1:${tlsPort}`, { ca: by(ofServers).ca, ...pair })
    onTestFinished(() => session.destroy())
    const ask = async (bucket: string) => {
      const [headers] = await once(session.request({ ':path': '/function/f', [bucketHeader]: bucket }), 'response')
      return (headers as http2.IncomingHttpHeaders)[':status']
    }
    return Promise.all(['open', 'records', 'doctors'].map(ask))
  }
  expect([await answers({}), await answers(nurse)]).toEqual([
    [200, 401, 401],
    [200, 200, 403],
  ])
})

test('where nobody is known by a certificate none is asked for, and a dump of the configuration holds no key', async () => {
  const { status, envoy } = await guarded({ callers: [robot] })
  expect(await status('open', { pair: await by(stranger).issue([`URI:${nurseName}`]) })).toBe(200)
  expect(await status('records', { pair: nurse })).toBe(401)
  expect(await status('robots', { headers: bearer(robotKey) })).toBe(200)
  expect(await envoy.get('/config_dump?include_eds')).not.toContain('PRIVATE KEY')
})
