// Who may call on which data, on a real Envoy: who is named by the policy gets through, and nobody else.
import http from 'node:http'
import { expect, test } from 'vitest'
import { ownClaims, ownIssuer, ownKeyPrefix } from '../../../server/domain/callers/by-token.ts'
import type { Caller } from '../../../server/domain/callers/caller.ts'
import { publicKeys } from '../../../server/services/callers/public-keys.ts'
import { oddKeys, soundKeys } from '../../support/odd-keys.ts'
import { rawCall } from '../../support/raw-call.ts'
import {
  bucketHeader,
  type CallOptions,
  endpointOf,
  startFunctions,
  startRouting,
  tableOf,
} from '../../support/routing.ts'
import { inSeconds, keySet, signedByPublic, signingKey, token, unsigned } from '../../support/tokens.ts'

const login = signingKey('k1')
/** Of the same name, and somebody else's. */
const forger = signingKey('k1')
const first = signingKey('first')
const second = signingKey('second')
const issuer = 'https://login.example'

const nurse: Caller = {
  id: 'nurse',
  kind: 'token',
  issuer,
  audiences: ['fado', 'fado-eu'],
  claims: [{ name: 'role', values: ['nurse', 'admin'] }],
}
const anyOfLogin: Caller = { id: 'any', kind: 'token', issuer, audiences: [], claims: [] }
const own = (id: string): Caller => ({
  id,
  kind: 'token',
  issuer: ownIssuer,
  audiences: [],
  claims: ownClaims(id),
})
const callers = [anyOfLogin, own('first'), nurse, own('second')]
const keys = { [issuer]: keySet(login), [ownIssuer]: keySet(first, second) }

const says = { iss: issuer, aud: ['x', 'fado'], role: 'nurse', exp: inSeconds(600) }
const good = token(login, says)
const ownKey = (key: typeof first) => `${ownKeyPrefix}${token(key, { iss: ownIssuer, sub: key.kid })}`
const bearer = (text: string) => ({ authorization: `Bearer ${text}` })

async function guarded(hidesBuckets = false) {
  const functions = await startFunctions('edge')
  const routing = await startRouting()
  routing.proxy.apply({ kind: 'callers', callers, keys, hidesBuckets })
  const letIn = (...ids: string[]) => tableOf(['edge'], { callers: ids })
  const envoy = await routing.serve([endpointOf(functions)], {
    open: tableOf(['edge']),
    records: letIn('first', 'nurse'),
    all: letIn('any'),
    seconds: letIn('second'),
    nobody: letIn(),
  })
  const ask = (
    bucket: string,
    headers: Readonly<Record<string, string | string[]>> = {},
    path = '/function/f',
    more: CallOptions = {},
  ) => routing.call(path, { bucket, headers: headers as http.OutgoingHttpHeaders, ...more })
  return { ...routing, functions, envoy, ask }
}

test('who is named gets through, by a token of an issuer or by a key of FaDO; the function does not get it', async () => {
  const { ask } = await guarded()
  const cases: [string, string][] = [
    ['records', good],
    ['records', token(login, { ...says, aud: 'fado-eu' })],
    ['records', token(login, { ...says, role: ['cook', 'admin'] })],
    ['records', ownKey(first)],
    ['seconds', ownKey(second)],
    // Who is known as two callers is let in as either.
    ['all', good],
    ['all', token(login, { ...says, role: 'cook', aud: 'x' })],
  ]
  for (const [i, [bucket, text]] of cases.entries()) {
    const { status, body } = await ask(bucket, bearer(text))
    expect([i, status]).toEqual([i, 200])
    expect(body.toLowerCase()).not.toContain('authorization')
  }
})

test('a bucket without the policy is served as before, and its functions get the header as it was sent', async () => {
  const { ask } = await guarded()
  for (const text of [good, token(forger, says), 'anything, at all']) {
    const { status, body } = await ask('open', bearer(text))
    expect(status).toBe(200)
    expect(body).toContain(`Bearer ${text}`)
  }
  expect((await ask('open')).status).toBe(200)
})

/** Headers of calls; several of one name as a list. */
const unproven: Readonly<Record<string, Readonly<Record<string, string | string[]>>>> = {
  none: {},
  empty: { authorization: '' },
  'another scheme': { authorization: 'Basic YTpi' },
  'of a foreign issuer': bearer(token(login, { ...says, iss: 'https://other.example' })),
  'without an issuer': bearer(token(login, { ...says, iss: undefined })),
  expired: bearer(token(login, { ...says, exp: inSeconds(-90) })),
  'not valid yet': bearer(token(login, { ...says, nbf: inSeconds(500) })),
  'for ever': bearer(token(login, { ...says, exp: undefined })),
  forged: bearer(token(forger, says)),
  'of a key that nobody knows': bearer(token(signingKey('k2'), says)),
  'not signed': bearer(unsigned(login, says)),
  'signed by the public key': bearer(signedByPublic(login, says)),
  'of another algorithm': bearer(token(login, says, { alg: 'RS256' })),
  'cut off': bearer(good.slice(0, -10)),
  'with other claims': bearer(
    good.replace(/\.[^.]+\./, `.${Buffer.from(JSON.stringify(says)).toString('base64url')}x.`),
  ),
  'of the issuer, for a key of FaDO': bearer(
    `${ownKeyPrefix}${token(login, { ...says, iss: ownIssuer, sub: 'first' })}`,
  ),
  'a key of FaDO, for another caller': bearer(
    `${ownKeyPrefix}${token({ ...second, kid: 'first' }, { iss: ownIssuer, sub: 'first' })}`,
  ),
  'a key of FaDO without what it begins with': bearer(token(first, { iss: ownIssuer, sub: 'first' })),
  'good, then forged': { authorization: [`Bearer ${good}`, `Bearer ${token(forger, says)}`] },
  'forged, then good': { authorization: [`Bearer ${token(forger, says)}`, `Bearer ${good}`] },
  'good twice': { authorization: [`Bearer ${good}`, `Bearer ${good}`] },
  'good in a list': { authorization: `Bearer ${good}, Bearer ${good}` },
  'what Envoy would be told': {
    'x-fado-caller': 'first',
    'x-envoy-jwt': 'first',
    token: good,
    'x-jwt-payload': 'first',
  },
}
const refused = {
  'for another audience': token(login, { ...says, aud: ['x', 'fad'] }),
  'for no audience': token(login, { ...says, aud: undefined }),
  'of another role': token(login, { ...says, role: 'nurses' }),
  'of no role': token(login, { ...says, role: undefined }),
  "another bucket's key": ownKey(second),
}

test('without a proof the answer is 401, with that of somebody else 403, and no function is called', async () => {
  const { ask, functions } = await guarded()
  const before = functions.calls
  const paths = [
    '/function/f',
    `/function/f?access_token=${good}`,
    '/',
    '/function/',
    '/function/../function/f',
    '//function/f',
  ]
  for (const bucket of ['records', 'nobody']) {
    for (const [name, headers] of Object.entries(unproven))
      for (const path of paths) {
        const answer = await ask(bucket, headers, path)
        expect([name, path, answer.status]).toEqual([name, path, 401])
        expect(answer.headers).toMatchObject({
          'www-authenticate': 'Bearer',
          'content-type': 'application/problem+json',
        })
        expect(answer.headers).not.toHaveProperty('x-fado-decision')
        expect(JSON.parse(answer.body)).toMatchObject({ type: 'urn:fado:problem:unproven-caller', status: 401 })
      }
    for (const [name, text] of Object.entries(refused)) {
      const answer = await ask(bucket, bearer(text))
      expect([name, answer.status]).toEqual([name, 403])
      expect(answer.headers).not.toHaveProperty('x-fado-decision')
      expect(JSON.parse(answer.body)).toMatchObject({ type: 'urn:fado:problem:refused-caller', status: 403 })
    }
  }
  expect((await ask('nobody', bearer(ownKey(first)))).status).toBe(403)
  expect(functions.calls).toBe(before)
})

test('of 5 000 hostile calls over connections that good ones use none gets through', async () => {
  const { ask, functions } = await guarded()
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
  const bad = [...Object.values(unproven), ...Object.values(refused).map(bearer)]
  let served = 0
  await Promise.all(
    Array.from({ length: 8 }, async (_none, lane) => {
      for (let i = lane; i < 5_000; i += 8) {
        const headers = bad[i % bad.length] ?? {}
        expect([401, 403]).toContain((await ask('records', headers, '/function/f', { agent })).status)
        if (i % 10 > 0) continue
        expect((await ask('records', bearer(good), '/function/f', { agent })).status).toBe(200)
        served++
      }
    }),
  )
  agent.destroy()
  expect(functions.calls).toBe(served + 1)
})

test('with a policy of the fleet a bucket that is not there answers as one that the caller may not call', async () => {
  const { ask, ingressPort } = await guarded(true)
  const withoutDate = ({ status, headers, body }: Awaited<ReturnType<typeof ask>>, bucket: string) => {
    const said = JSON.stringify({ ...headers, date: '', 'content-length': '', body })
    return { status, said: said.replaceAll(bucket, 'NAME') }
  }
  const proofs = [
    ...Object.values(unproven),
    ...Object.values(refused).map(bearer),
    bearer(good),
    bearer(ownKey(first)),
  ]
  for (const headers of proofs)
    for (const path of ['/function/f', '/', '/function/../x']) {
      const there = withoutDate(await ask('nobody', headers, path), 'nobody')
      expect(withoutDate(await ask('not-there', headers, path), 'not-there')).toEqual(there)
      expect([401, 403]).toContain(there.status)
    }
  const odd: Readonly<Record<string, string | string[]>>[] = [
    { connection: 'upgrade', upgrade: 'foo' },
    { connection: 'upgrade', upgrade: 'websocket' },
    { 'content-type': 'application/grpc' },
    { origin: 'https://app.example' },
  ]
  for (const headers of odd)
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS'])
      for (const proof of [{}, bearer(good)]) {
        const of = (bucket: string) => ask(bucket, { ...headers, ...proof }, '/function/f', { method })
        const there = withoutDate(await of('nobody'), 'nobody')
        expect(withoutDate(await of('not-there'), 'not-there'), JSON.stringify({ headers, method })).toEqual(there)
      }
  expect((await ask('open')).status).toBe(200)
  expect((await ask('records', bearer(good))).status).toBe(200)
  const unnamed = await rawCall(ingressPort, ['GET /function/f HTTP/1.1', 'Host: x', 'Connection: close', '', ''])
  expect(unnamed.status).toBe(400)
  const empty = await rawCall(ingressPort, [
    'GET /function/f HTTP/1.1',
    'Host: x',
    `${bucketHeader}:`,
    'Connection: close',
    '',
    '',
  ])
  expect(empty.status).toBe(401)
})

test('who is let in gets to clusters of its bucket alone, also where they are asked in order and by function', async () => {
  const { proxy, functions, ask } = await guarded()
  const [others, last] = [await startFunctions('other'), await startFunctions('last')]
  const known = [functions, others].map((server) => endpointOf(server, { functions: ['f'] }))
  proxy.apply({ kind: 'endpoints', endpoints: [...known, endpointOf(last)] })
  const table = tableOf(['last', 'edge'], { lbPolicy: 'first', callers: ['any'] })
  proxy.apply({ kind: 'routes', routes: [{ bucket: 'ordered', number: 9, table }] })
  await expect.poll(async () => (await ask('open', {}, '/function/g')).status, { timeout: 10_000 }).toBe(503)
  await expect.poll(async () => (await ask('ordered')).status).toBe(401)
  const served = async (name: string) => {
    const { headers } = await ask('ordered', bearer(good), `/function/${name}`)
    return headers['x-fado-served-by']
  }
  for (let n = 0; n < 5; n++) expect([await served('f'), await served('g')]).toEqual(['last', 'last'])
  expect(others.calls).toBe(0)
})

test('a token that is remembered is refused when it has expired', async () => {
  const { ask } = await guarded()
  // Envoy allows for clocks that differ by a minute.
  const short = token(login, { ...says, exp: inSeconds(-58) })
  expect((await ask('records', bearer(short))).status).toBe(200)
  await expect.poll(async () => (await ask('records', bearer(short))).status, { timeout: 10_000 }).toBe(401)
})

test('who is deleted is out at once, and keys change, while connections stay open', async () => {
  const { proxy, ask } = await guarded()
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const status = async (text: string) => (await ask('records', bearer(text), '/function/f', { agent })).status
  const renewed = signingKey('k9')
  const late = token(renewed, says)
  expect([await status(good), await status(ownKey(first)), await status(late)]).toEqual([200, 200, 401])
  // It is free a moment after the answer.
  const socket = () => Object.values(agent.freeSockets)[0]?.[0]
  await expect.poll(socket).toBeDefined()
  const before = socket()
  const changed = { callers: [anyOfLogin, nurse], keys: { [issuer]: keySet(renewed) } }
  proxy.apply({ kind: 'callers', ...changed, hidesBuckets: false })
  await expect.poll(() => status(late)).toBe(200)
  expect([await status(good), await status(ownKey(first))]).toEqual([401, 401])
  await expect.poll(socket).toBe(before)
  agent.destroy()
})

test('whatever keys an issuer has that are taken, those of the others go on changing', async () => {
  const { proxy, ask } = await guarded()
  const other = { ...anyOfLogin, id: 'other', issuer: 'https://other.example' }
  for (const sound of Object.values(soundKeys)) {
    const found = publicKeys(JSON.stringify({ keys: [...Object.values(oddKeys), sound] }))
    const renewed = signingKey('k9')
    const changed = { [issuer]: keySet(renewed), [other.issuer]: 'keys' in found ? found.keys : '' }
    proxy.apply({ kind: 'callers', callers: [anyOfLogin, nurse, other], keys: changed, hidesBuckets: false })
    await expect.poll(async () => (await ask('all', bearer(token(renewed, says)))).status).toBe(200)
  }
})

test('before the callers are known, and when all of them are gone, nobody is let in', async () => {
  const { proxy, ask, functions } = await guarded()
  let expected = functions.calls
  const status = async () => {
    const answer = await ask('records', bearer(good))
    if (answer.status === 200) expected++
    return answer.status
  }
  proxy.apply({ kind: 'callers', callers: [], keys: {}, hidesBuckets: false })
  await expect.poll(status).toBe(401)
  proxy.apply({ kind: 'callers', callers, keys, hidesBuckets: false })
  await expect.poll(status, { timeout: 10_000 }).toBe(200)
  expect(functions.calls).toBe(expected)
})
