// The doors of the server: what a request must look like, what it may ask for, and what an error says.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

let web: TestWeb
beforeAll(async () => {
  web = await startTestWeb({
    page: {
      handle: async (request, response) => void response.end(String(request.headers['content-security-policy'])),
      upgrade: async (_request, socket) => void socket.destroy(),
    },
  })
  const rows = fleet(web.pool)
  const cluster = await rows.cluster('hpc')
  for (let i = 0; i < 3; i++) (await cluster.store.bucket(`b${i}`)).id
})
afterAll(() => web?.stop())

const post = (body: string, headers: Record<string, string> = {}) =>
  web.fetch('/graphql', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${web.admin}`, ...headers },
  })
async function codeOf(response: Response): Promise<string> {
  const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] }
  return errors[0]?.extensions.code ?? ''
}
const nested = (depth: number) =>
  `{ buckets { nodes ${'{ replicas { bucket '.repeat(depth)} { name } ${'} }'.repeat(depth)} } }`

test.each<[string, string, Record<string, string>, number, string]>([
  ['text/plain', '{"query":"{ policies { name } }"}', { 'content-type': 'text/plain' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['a form', 'query=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['a body that is no JSON', '{"query":', {}, 400, 'BAD_REQUEST'],
  ['a batch', '[{"query":"{ policies { name } }"}]', {}, 400, 'BAD_REQUEST'],
  ['an empty object', '{}', {}, 400, 'BAD_REQUEST'],
  ['a document that cannot be parsed', '{"query":"{"}', {}, 400, 'GRAPHQL_PARSE_FAILED'],
  ['a field that does not exist', '{"query":"{ nothing }"}', {}, 400, 'GRAPHQL_VALIDATION_FAILED'],
  [
    'a body of over 1 MB',
    JSON.stringify({ query: `{ policies { name } } #${'x'.repeat(1_000_000)}` }),
    {},
    413,
    'BODY_TOO_LARGE',
  ],
  [
    'too many tokens',
    JSON.stringify({ query: `{ policies { ${'name '.repeat(6_000)} } }` }),
    {},
    400,
    'GRAPHQL_PARSE_FAILED',
  ],
  [
    'too many aliases',
    JSON.stringify({ query: `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: policies { name }`).join(' ')} }` }),
    {},
    400,
    'TOO_MANY_ALIASES',
  ],
  [
    'an operation that is not there',
    '{"query":"query A { policies { name } }","operationName":"B"}',
    {},
    400,
    'OPERATION_RESOLUTION_FAILURE',
  ],
  [
    'no name of one of several',
    '{"query":"query A { policies { name } } query B { policies { name } }"}',
    {},
    400,
    'OPERATION_RESOLUTION_FAILURE',
  ],
  ['a subscription', '{"query":"subscription { changes { kind } }"}', {}, 400, 'BAD_REQUEST'],
  ['brackets without end', JSON.stringify({ query: '{a'.repeat(2_400) + '}'.repeat(2_400) }), {}, 400, 'TOO_DEEP'],
  ['lists without end', JSON.stringify({ query: `{ a(b: ${'['.repeat(2_400)}) }` }), {}, 400, 'TOO_DEEP'],
  ['too deep a query', JSON.stringify({ query: nested(6) }), {}, 400, 'TOO_DEEP'],
  [
    'too costly a query',
    JSON.stringify({
      query:
        '{ buckets(first: 100) { nodes { objects(first: 100) { nodes { key size etag contentType lastModified } } } } }',
    }),
    {},
    400,
    'TOO_COSTLY',
  ],
])('%s is refused before anything runs', async (_what, body, headers, status, code) => {
  const response = await post(body, headers)
  expect([response.status, await codeOf(response)]).toEqual([status, code])
})

test('costs hidden in fragments that use each other are reckoned, and cycles refused', async () => {
  const fragments = Array.from(
    { length: 20 },
    (_, i) => `fragment F${i} on Policy${i === 0 ? 'Definition' : 'Definition'} { ...F${i + 1} ...F${i + 1} }`,
  )
  const query = `{ policies { ...F0 } } ${fragments.join(' ')} fragment F20 on PolicyDefinition { name type }`
  expect(await codeOf(await post(JSON.stringify({ query })))).toBe('TOO_MANY_FIELDS')
  const cycle = '{ policies { ...A } } fragment A on PolicyDefinition { ...B } fragment B on PolicyDefinition { ...A }'
  expect(await codeOf(await post(JSON.stringify({ query: cycle })))).toBe('GRAPHQL_VALIDATION_FAILED')
})

test('GET is not taken, so no link can ask', async () => {
  const response = await web.fetch('/graphql?query={policies{name}}', {
    headers: { authorization: `Bearer ${web.admin}` },
  })
  expect([response.status, response.headers.get('allow'), await codeOf(response)]).toEqual([
    405,
    'POST',
    'METHOD_NOT_ALLOWED',
  ])
})

test.each([
  ['a page of none', '{ buckets(first: 0) { totalCount } }'],
  ['a page of more than 100', '{ clusters(first: 101) { totalCount } }'],
  ['a negative page', '{ buckets(first: -1) { totalCount } }'],
  ['a cursor that is none', '{ buckets(after: "nonsense") { totalCount } }'],
  [
    "another list's cursor",
    `{ buckets(after: "${Buffer.from('["clusters","a"]').toString('base64url')}") { totalCount } }`,
  ],
  ['an id that is none', '{ node(id: "nonsense") { id } }'],
])('%s is an error of the request', async (_what, query) => {
  expect(await web.ask(query)).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
})

test('what is wrong with a variable is said without its value', async () => {
  const query = 'mutation ($input: StorageDeploymentAddInput!) { storageDeploymentAdd(input: $input) { __typename } }'
  const good = { cluster: 'hpc', name: 'x', endpoint: 'http://x', accessKey: 'AKIA-hidden', secretKey: 'hidden-secret' }
  for (const [input, said] of [
    [{ ...good, extra: 1 }, /Field "extra" is not defined/],
    [{ ...good, secretKey: ['hidden-secret'] }, /"secretKey".* String!/],
    [{ ...good, secretKey: undefined }, /Field "secretKey" of required type "String!" was not provided/],
    [{ ...good, name: { hidden: 'hidden-secret' } }, /"name".* String!/],
    [undefined, /"\$input" is required/],
  ] as const) {
    const { status, errors } = await web.ask(query, input === undefined ? {} : { input })
    expect(status).toBe(400)
    expect(errors).toMatchObject([{ message: expect.stringMatching(said), extensions: { code: 'BAD_USER_INPUT' } }])
    expect(JSON.stringify(errors)).not.toContain('hidden-')
  }
  const literal = `mutation { storageDeploymentAdd(input: { cluster: "c", name: "n", endpoint: "e", accessKey: hidden_key, secretKey: 12345678 }) { __typename } }`
  const broken = 'mutation { storageDeploymentAdd(input: { secretKey: hidden"secret" "hidden-secret" }'
  for (const document of [literal, broken]) {
    const { errors } = await web.ask(document)
    expect(errors?.length).toBeGreaterThan(0)
    expect(JSON.stringify(errors)).not.toMatch(/hidden|12345678/)
  }
})

test('an error that nobody expected is told by an id only, and the log has it', async () => {
  await web.pool.query('ALTER TABLE route_override RENAME TO route_override_away')
  try {
    for (const query of [
      '{ bucket(name: "b0") { route { state } } }',
      'mutation { routeOverrideClear(input: { bucket: "b0" }) { __typename } }',
    ]) {
      const { errors } = await web.ask(query)
      const [error] = errors ?? []
      expect(error).toMatchObject({
        message: expect.stringMatching(/^Something went wrong here; the log has it as /),
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      })
      expect(JSON.stringify(errors)).not.toMatch(/route_override|relation|prisma|\/server\//i)
      expect(web.log()).toContain(error?.message.split(' ').at(-1))
    }
  } finally {
    await web.pool.query('ALTER TABLE route_override_away RENAME TO route_override')
  }
})

test('text that cannot be stored is an error of the request, wherever it stands', async () => {
  const nul = 'a\u0000b'
  for (const [query, variables] of [
    ['query ($name: String!) { bucket(name: $name) { id } }', { name: nul }],
    ['query ($nul: String) { buckets(filter: { nameContains: $nul }) { nodes { id } } }', { nul }],
    [
      'mutation ($nul: String!) { clusterUpdate(input: { cluster: "hpc", labels: [{ key: "k", value: $nul }] }) { __typename } }',
      { nul },
    ],
  ] as const)
    expect(await web.ask(query, variables)).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
})

test('health, readiness and metrics answer without a token', async () => {
  expect(await (await web.fetch('/healthz')).text()).toBe('ok\n')
  expect((await web.fetch('/readyz')).status).toBe(200)
  const metrics = await (await web.fetch('/metrics')).text()
  expect(metrics).toMatch(/fado_http_requests_total\{route="\/healthz",method="GET",status="200"\} \d/)
  expect(metrics).toContain('process_cpu_seconds_total')
})

test('a page has a content security policy with a nonce of its own, which Next reads from the request', async () => {
  const one = await web.fetch('/clusters')
  const policy = one.headers.get('content-security-policy') ?? ''
  expect(await one.text()).toBe(policy)
  expect(policy).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/=]{20,}'(;|$)/)
  expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/)
  expect((await web.fetch('/clusters')).headers.get('content-security-policy')).not.toBe(policy)
})

const event = (bucket: string, key: string) =>
  JSON.stringify({
    EventName: 's3:ObjectCreated:Put',
    Key: `${bucket}/${key}`,
    Records: [{ eventName: 's3:ObjectCreated:Put', s3: { bucket: { name: bucket }, object: { key } } }],
  })
const notify = (body: string, headers: Record<string, string>, method = 'POST') =>
  web.fetch('/api/notify', { method, body, headers })
const dirtyKeys = async () =>
  (await web.pool.query<{ key: string }>('SELECT key FROM dirty_object ORDER BY key')).rows.map((row) => row.key)

test('an event is answered with 204 and marks its key; without a NOTIFY token it is 401 and marks nothing', async () => {
  expect((await notify(event('b0', 'refused'), {})).status).toBe(401)
  expect((await notify(event('b0', 'refused'), { authorization: 'Bearer nonsense' })).status).toBe(401)
  const viewer = (await web.mutate('tokenCreate', { name: 'watcher', role: 'VIEWER' }, 'secret')).secret
  expect((await notify(event('b0', 'refused'), { authorization: `Bearer ${viewer}` })).status).toBe(401)
  const { secret } = await web.mutate('tokenCreate', { name: 'stores', role: 'NOTIFY' }, 'secret')
  const authorization = `Bearer ${secret}`
  expect((await notify(event('b0', 'dir%2Fa+b'), { authorization })).status).toBe(204)
  expect((await notify(event('unknown-bucket', 'x'), { authorization }, 'PUT')).status).toBe(204)
  expect((await notify('not JSON at all', { authorization })).status).toBe(204)
  await eventually('the key is marked', async () => (await dirtyKeys()).length > 0)
  expect(await dirtyKeys()).toEqual(['dir/a b'])
  expect((await web.fetch('/api/notify', { method: 'HEAD' })).status).toBe(200)
  expect((await notify('x'.repeat(1_000_001), { authorization })).status).toBe(413)
})

test('a burst of events marks each key once', async () => {
  await web.pool.query('DELETE FROM dirty_object')
  const keys = Array.from({ length: 300 }, (_, i) => `k${i % 100}`)
  await Promise.all(keys.map((key) => notify(event('b1', key), { authorization: `Bearer ${web.admin}` })))
  await eventually('all are marked', async () => (await dirtyKeys()).length === 100)
})
