// Callers who are known by client certificates, on a real Envoy: who is named by the policy gets through, and nobody else.
import { once } from 'node:events'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import type http from 'node:http'
import https from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Caller, ownClaims, ownIssuer, ownKeyPrefix } from '../../../server/domain/callers/caller.ts'
import { type Certificates, createAuthority, type Pair } from '../../support/certificates.ts'
import { freePort } from '../../support/free-port.ts'
import { bucketHeader, endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'
import { tempDir } from '../../support/temp-dir.ts'
import { keySet, signingKey, token } from '../../support/tokens.ts'

const nurseName = 'spiffe://clinic.example/nurse'
const key = signingKey('robot')
const robotKey = `${ownKeyPrefix}${token(key, { iss: ownIssuer, sub: key.kid })}`
const robot: Caller = { id: 'robot', issuer: ownIssuer, audiences: [], claims: ownClaims(key.kid) }

let place: string
let [authority, stranger, ofServers]: Certificates[] = []
const by = (one: Certificates | undefined) => one as Certificates
let nurse: Pair
const callersBy = (ca: string): Caller[] => [
  { id: 'nurse', authority: ca, names: [nurseName, 'nurse.example'] },
  { id: 'doctor', authority: ca, names: ['spiffe://clinic.example/doctor'] },
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

type Shown = { readonly pair?: Pair; readonly headers?: http.OutgoingHttpHeaders; readonly agent?: https.Agent }

async function guarded({ callers = callersBy(by(authority).ca), everywhere = false } = {}) {
  const functions = await startFunctions('edge')
  const dir = await tempDir()
  const files = { certificate: path.join(dir, 'crt'), key: path.join(dir, 'key') }
  /** The key first: a pair that does not fit is read again later. */
  async function show({ cert, key }: Pair) {
    for (const [file, text] of [
      [files.key, key],
      [files.certificate, cert],
    ] as const) {
      await writeFile(`${file}.new`, text)
      await rename(`${file}.new`, file)
    }
  }
  await show(await by(ofServers).issue(['IP:127.0.0.1']))
  const tlsPort = await freePort()
  const port = await freePort()
  const routing = await startRouting({
    ingressPort: port,
    ingress: { address: '127.0.0.1', port, tls: { port: tlsPort, ...files } },
    rereadMs: 50,
  })
  const { proxy } = routing
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(functions)] })
  const tell = (callers: readonly Caller[]) =>
    proxy.apply({ kind: 'callers', callers, keys: { [ownIssuer]: keySet(key) }, everywhere })
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

  /** A call over TLS; on a connection of its own unless an agent is given. */
  async function ask(bucket: string, { pair, headers = {}, agent }: Shown = {}) {
    const request = https.request({
      ...{ host: '127.0.0.1', port: tlsPort, path: '/function/f', ca: by(ofServers).ca, ...pair },
      headers: { [bucketHeader]: bucket, ...headers },
      agent: agent ?? false,
    })
    request.end()
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }
  }
  const status = async (bucket: string, shown?: Shown) => (await ask(bucket, shown)).status
  await expect.poll(() => status('open').catch(() => 0), { timeout: 10_000 }).toBe(200)
  return { ...routing, functions, envoy, ask, status, show, tell, tlsPort }
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
  const { status, functions } = await guarded()
  const before = functions.calls
  const bad = {
    'of another authority of the same name': await by(stranger).issue([`URI:${nurseName}`]),
    'of the authority of servers': await by(ofServers).issue([`URI:${nurseName}`]),
    expired: await by(authority).issue([`URI:${nurseName}`], 0),
  }
  for (const [name, pair] of Object.entries(bad))
    for (const bucket of ['records', 'open'])
      expect(await status(bucket, { pair }).catch(() => 'ended'), name).toBe('ended')
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
  const { ask } = await guarded({ everywhere: true })
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
  const { status } = await guarded()
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const pair = await by(authority).issue([`URI:${nurseName}`], new Date(Date.now() + 3000))
  expect(await status('records', { pair, agent })).toBe(200)
  const socket = Object.values(agent.freeSockets)[0]?.[0]
  await expect.poll(() => status('records', { pair, agent }), { timeout: 10_000 }).toBe(401)
  expect(Object.values(agent.freeSockets)[0]?.[0]).toBe(socket)
})

test('a name that one authority has signed is not that of another one which takes its place, on open connections neither', async () => {
  const { status, tell } = await guarded()
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  expect(await status('records', { pair: nurse, agent })).toBe(200)
  const other = await by(stranger).issue([`URI:${nurseName}`])
  tell(callersBy(by(stranger).ca))
  const ofOther = () => status('records', { pair: other }).catch(() => 'ended')
  await expect.poll(ofOther, { timeout: 10_000 }).toBe(200)
  const onOld = await status('records', { pair: nurse, agent }).catch(() => 'ended')
  expect([401, 'ended']).toContain(onOld)
  expect(await status('records', { pair: nurse }).catch(() => 'ended')).toBe('ended')
})

test('a certificate of the ingress that is renewed is shown from the next connection on, and open ones stay', async () => {
  const { ask, show, tlsPort, status } = await guarded()
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  expect(await status('records', { pair: nurse, agent })).toBe(200)
  const socket = Object.values(agent.freeSockets)[0]?.[0]
  const shownSerial = async () => {
    const request = https.request({ host: '127.0.0.1', port: tlsPort, ca: by(ofServers).ca, agent: false })
    request.end()
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    response.resume()
    return (response.socket as unknown as { getPeerCertificate(): { serialNumber: string } }).getPeerCertificate()
      .serialNumber
  }
  const before = await shownSerial()
  await show(await by(ofServers).issue(['IP:127.0.0.1']))
  await expect.poll(shownSerial, { timeout: 10_000 }).not.toBe(before)
  expect((await ask('records', { pair: nurse, agent })).status).toBe(200)
  expect(Object.values(agent.freeSockets)[0]?.[0]).toBe(socket)
})

test('where nobody is known by a certificate none is asked for, and a dump of the configuration holds no key', async () => {
  const { status, envoy } = await guarded({ callers: [robot] })
  expect(await status('open', { pair: await by(stranger).issue([`URI:${nurseName}`]) })).toBe(200)
  expect(await status('records', { pair: nurse })).toBe(401)
  expect(await status('robots', { headers: bearer(robotKey) })).toBe(200)
  expect(await envoy.get('/config_dump?include_eds')).not.toContain('PRIVATE KEY')
})
