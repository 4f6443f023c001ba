// Callers: how they are made, what of them is kept and shown, and what becomes of the policy that names them.
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { loadCallers } from '../../../server/db/proxies/callers.ts'
import { knownByCertificate } from '../../../server/services/callers/known-by-certificate.ts'
import { refreshKeys } from '../../../server/services/callers/refresh-keys.ts'
import { createAuthority } from '../../support/certificates.ts'
import { keySet, signingKey } from '../../support/tokens.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

let web: TestWeb
beforeAll(async () => {
  web = await startTestWeb()
  const rows = fleet(web.pool)
  const own = await rows.cluster('own', { zones: ['own-zone'] })
  await own.store.bucket('mine')
  await own.store.bucket('yours')
})
afterAll(() => web?.stop())

const key = signingKey('k1')
const jwt = (more: object = {}) => ({ jwt: { issuer: 'https://login.example', jwks: keySet(key), ...more } })
const create = (name: string, how: object, secret?: string) =>
  web.mutate('callerCreate', { name, how }, 'secret caller { id name kind }', secret)
const marked = async (): Promise<string[]> => {
  const { rows } = await web.pool.query<{ name: string }>(
    'SELECT b.name FROM dirty_bucket d JOIN bucket b ON b.id = d.bucket_id ORDER BY 1',
  )
  return rows.map(({ name }) => name)
}
const settled = () => web.pool.query('DELETE FROM dirty_bucket')

test('a key is shown once, and what could make another is kept nowhere', async () => {
  const made = await create('robot', { key: true })
  expect(made).toMatchObject({ secret: expect.stringMatching(/^fado_eyJ/), caller: { name: 'robot', kind: 'KEY' } })
  // Every call carries it.
  expect(String(made.secret).length).toBeLessThan(220)
  const { rows } = await web.pool.query<{ row: string }>('SELECT c::text AS row FROM caller c')
  const [, , signature] = String(made.secret).split('.')
  expect(rows.map(({ row }) => row).join()).not.toContain(signature)
  expect(rows.map(({ row }) => row).join()).not.toContain('"d"')
  expect((await web.ask('{ callers { name kind } }')).data.callers).toContainEqual({ name: 'robot', kind: 'KEY' })
  const node = await web.ask('query ($id: ID!) { node(id: $id) { ... on Caller { name } } }', { id: made.caller.id })
  expect(node.data.node).toEqual({ name: 'robot' })
})

test('of keys that are given the public parts are kept, and shared secrets are none', async () => {
  const { privateKey } = key
  const given = [privateKey.export({ format: 'jwk' }), { kty: 'oct', k: 'c2VjcmV0', kid: 'k1' }]
  const made = await create('nurse', jwt({ jwks: JSON.stringify({ keys: given }), issuer: 'https://a.example' }))
  expect(made).toMatchObject({ secret: null, caller: { kind: 'JWT' } })
  const { keys } = await loadCallers(web.pool)
  expect(JSON.parse(keys['https://a.example'] ?? '')).toEqual({
    keys: [{ kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) }],
  })
  // Neither PostgreSQL nor Envoy could read them, and each of them would take all callers with it.
  const names = ['\0', 'a\0b', '\ud800', 'line\nbreak']
  const odd = names.map((kid) => ({ ...key.jwk, kid }))
  const twice = await create(
    'doctor',
    jwt({ jwks: JSON.stringify({ keys: [...odd, key.jwk] }), issuer: 'https://b.example' }),
  )
  expect(twice).toMatchObject({ caller: { kind: 'JWT' } })
  expect(JSON.parse((await loadCallers(web.pool)).keys['https://b.example'] ?? '')).toEqual({ keys: [key.jwk] })
  for (const one of odd)
    expect(await create('x', jwt({ jwks: JSON.stringify({ keys: [one] }) }))).toMatchObject({
      code: 'VALIDATION_FAILED',
    })
  const onlySecret = await create('x', jwt({ jwks: JSON.stringify({ keys: given.slice(1) }) }))
  expect(onlySecret).toMatchObject({ code: 'VALIDATION_FAILED', path: ['input', 'how', 'jwt', 'jwks'] })
})

test.each<[string, object, string, string[]]>([
  ['all', { key: true }, 'VALIDATION_FAILED', ['name']],
  ['a b', { key: true }, 'VALIDATION_FAILED', ['name']],
  ['robot', { key: true }, 'ALREADY_EXISTS', ['name']],
  ['x', { key: false }, 'VALIDATION_FAILED', ['how', 'key']],
  ['x', jwt({ jwks: 'none' }), 'VALIDATION_FAILED', ['how', 'jwt', 'jwks']],
  ['x', jwt({ jwks: null }), 'VALIDATION_FAILED', ['how', 'jwt', 'jwks']],
  ['x', jwt({ jwksUrl: 'http://127.0.0.1:1/keys' }), 'VALIDATION_FAILED', ['how', 'jwt', 'jwks']],
  ['x', jwt({ jwks: null, jwksUrl: 'http://127.0.0.1:1/keys' }), 'VALIDATION_FAILED', ['how', 'jwt', 'jwksUrl']],
  ['x', jwt({ issuer: 'urn:fado:callers' }), 'VALIDATION_FAILED', ['how', 'jwt', 'issuer']],
  ['x', jwt({ issuer: '' }), 'VALIDATION_FAILED', ['how', 'jwt', 'issuer']],
  ['x', jwt({ claims: [{ name: 'r', values: [] }] }), 'VALIDATION_FAILED', ['how', 'jwt', 'claims', '0', 'values']],
  [
    'x',
    jwt({ claims: [{ name: 'r', values: ['\ud800'] }] }),
    'VALIDATION_FAILED',
    ['how', 'jwt', 'claims', '0', 'values', '0'],
  ],
  ['x', jwt({ issuer: 'https://a.example' }), 'CONFLICT', ['how', 'jwt', 'issuer']],
  ['x', { certificate: { ca: 'x', subjectAltNames: ['a'] } }, 'VALIDATION_FAILED', ['how', 'certificate', 'ca']],
])('%s known by %o is refused: %s', async (name, how, code, path) => {
  expect(await create(name, how)).toMatchObject({ code, path: ['input', ...path] })
})

const certificate = (ca: string, ...subjectAltNames: string[]) => ({ certificate: { ca, subjectAltNames } })

test('a caller by certificates has an authority, the same for all, and names that a certificate can have', async () => {
  const [one, other] = await Promise.all([createAuthority(), createAuthority()])
  const { cert, key } = await one.issue(['DNS:nurse.example'])
  const refused: [object, string, string[]][] = [
    [certificate('', 'a'), 'there is none', ['ca']],
    [certificate(one.ca + other.ca, 'a'), 'there are several', ['ca']],
    [certificate(cert, 'a'), 'may not sign others', ['ca']],
    [certificate(one.ca + key, 'a'), 'certificates in PEM, nothing else', ['ca']],
    [certificate(one.ca.replace(/\n.{8}/, '\nAAAAAAAA'), 'a'), 'cannot be read', ['ca']],
    [certificate(one.ca), '1 to 20 names', ['subjectAltNames']],
    ...['', 'a,b', 'a b', 'a\nb', 'a\0', 'ä', 'x'.repeat(513)].map((name): [object, string, string[]] => [
      certificate(one.ca, 'fine', name),
      'visible ASCII characters without commas',
      ['subjectAltNames', '1'],
    ]),
  ]
  for (const [how, message, path] of refused)
    expect(await create('by-cert', how)).toMatchObject({
      code: 'VALIDATION_FAILED',
      message: expect.stringContaining(message),
      path: ['input', 'how', 'certificate', ...path],
    })
  const inThreeDays = new Date(Date.now() + 3 * 86_400_000)
  expect(() => knownByCertificate({ ca: one.ca, subjectAltNames: ['a'] }, inThreeDays)).toThrow('has expired')
  const made = await create('by-cert', certificate(`\n${one.ca}\n`, 'spiffe://clinic/nurse', 'nurse.example'))
  expect(made).toMatchObject({ secret: null, caller: { name: 'by-cert', kind: 'CERTIFICATE' } })
  expect(await create('second', certificate(one.ca, 'nurse.example'))).toMatchObject({ caller: { name: 'second' } })
  const conflict = await create('third', certificate(other.ca, 'x'))
  expect(conflict).toMatchObject({ code: 'CONFLICT', path: ['input', 'how', 'certificate', 'ca'] })
  expect(conflict.message).toContain("must not pass for the other's")
  const { callers, keys } = await loadCallers(web.pool)
  expect(callers.filter((caller) => caller.kind === 'certificate')).toEqual([
    {
      id: expect.any(String),
      kind: 'certificate',
      authority: one.ca,
      names: ['spiffe://clinic/nurse', 'nurse.example'],
    },
    { id: expect.any(String), kind: 'certificate', authority: one.ca, names: ['nurse.example'] },
  ])
  expect(Object.keys(keys)).not.toContain('null')
  // When all of one are gone there may be another.
  for (const name of ['by-cert', 'second']) await web.mutate('callerDelete', { name }, 'deletedId')
  expect(await create('third', certificate(other.ca, 'x'))).toMatchObject({ caller: { name: 'third' } })
  await web.mutate('callerDelete', { name: 'third' }, 'deletedId')
})

test('of two who make callers by certificates of two authorities at the same time one is refused', async () => {
  const authorities = await Promise.all([createAuthority(), createAuthority()])
  const made = await Promise.all(authorities.map(({ ca }, i) => create(`raced-${i}`, certificate(ca, 'x'))))
  expect(made.filter(({ code }) => code === 'CONFLICT')).toHaveLength(1)
  for (const [i, { caller }] of made.entries())
    if (caller) await web.mutate('callerDelete', { name: `raced-${i}` }, 'deletedId')
})

test('who may not change the fleet as a whole makes and deletes none', async () => {
  const token = async (role: string, zones: string[]) =>
    (await web.mutate('tokenCreate', { name: `t-${role}`, role, zones }, 'secret', web.admin)).secret as string
  for (const secret of [await token('VIEWER', []), await token('OPERATOR', ['own-zone'])]) {
    expect(await create('z', { key: true }, secret)).toMatchObject({ code: 'FORBIDDEN' })
    expect(await web.mutate('callerDelete', { name: 'robot' }, 'deletedId', secret)).toMatchObject({
      code: 'FORBIDDEN',
    })
  }
})

test('the policy takes callers that there are; what names one is decided again when it goes, and when it comes back', async () => {
  const set = (scope: object, value: unknown) =>
    web.mutate('policySet', { scope, name: 'callers', value }, 'policy { value }')
  expect(await set({ bucket: 'mine' }, ['nobody'])).toMatchObject({ code: 'VALIDATION_FAILED' })
  expect((await loadCallers(web.pool)).hidesBuckets).toBe(false)
  await set({ bucket: 'mine' }, ['robot'])
  await set({ global: true }, ['nurse'])
  expect((await loadCallers(web.pool)).hidesBuckets).toBe(true)
  await set({ bucket: 'yours' }, ['robot', 'nurse'])
  const namedBy = 'namedBy { all buckets some alone { all buckets some } }'
  const values = (all: boolean, ...some: string[]) => ({ all, buckets: some.length, some })
  expect((await web.ask(`{ callers { name ${namedBy} } }`)).data.callers).toEqual(
    expect.arrayContaining([
      { name: 'robot', namedBy: { ...values(false, 'mine', 'yours'), alone: values(false, 'mine') } },
      { name: 'nurse', namedBy: { ...values(true, 'yours'), alone: values(true) } },
    ]),
  )
  await web.mutate('policyUnset', { scope: { bucket: 'yours' }, name: 'callers' }, 'policy { value }')
  await settled()
  expect(await web.mutate('callerDelete', { name: 'robot' }, `deletedId ${namedBy}`)).toMatchObject({
    deletedId: expect.any(String),
    namedBy: { ...values(false, 'mine'), alone: values(false, 'mine') },
  })
  expect(await marked()).toEqual(['mine'])
  await settled()
  expect(await web.mutate('callerDelete', { name: 'robot' }, 'deletedId')).toMatchObject({ code: 'NOT_FOUND' })
  await create('robot', { key: true })
  expect(await marked()).toEqual(['mine'])
  await settled()
  await web.mutate('callerDelete', { name: 'nurse' }, 'deletedId')
  expect(await marked()).toEqual(['yours'])
  await set({ global: true }, 'all')
  expect((await loadCallers(web.pool)).hidesBuckets).toBe(false)
})

test('keys at an address are read again; of an issuer that gives none the last good ones stay', async () => {
  let answer = keySet(key)
  const server = http.createServer((_request, response) => response.end(answer)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  const issuer = 'https://by-address.example'
  await create('by-address', jwt({ issuer, jwks: null, jwksUrl }))
  const kids = async () => {
    const { keys } = await loadCallers(web.pool)
    return (JSON.parse(keys[issuer] ?? '') as { keys: { kid: string }[] }).keys.map(({ kid }) => kid)
  }
  expect(await kids()).toEqual(['k1'])
  answer = keySet(signingKey('k2'))
  await refreshKeys(web.deps)
  expect(await kids()).toEqual(['k2'])
  for (const bad of ['', '{}', '{"keys":[]}', 'x'.repeat(1_100_000)]) {
    answer = bad
    await refreshKeys(web.deps)
    expect(await kids()).toEqual(['k2'])
  }
})

test('one issuer that is silent keeps no other from being read again', async () => {
  let silent = false
  const server = http.createServer((request, response) => {
    if (request.url === '/silent' && silent) return
    response.end(keySet(signingKey(silent ? 'new' : 'old')))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  for (const name of ['a', 'b'])
    await create(`one-${name}`, jwt({ issuer: name, jwks: null, jwksUrl: `${at}/${name === 'a' ? 'silent' : 'well'}` }))
  silent = true
  const refreshed = refreshKeys(web.deps)
  await expect.poll(async () => (await loadCallers(web.pool)).keys['b']).toContain('"new"')
  server.closeAllConnections()
  await refreshed
  expect((await loadCallers(web.pool)).keys['a']).toContain('"old"')
})
