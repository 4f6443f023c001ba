// What each kind of token may do, and when it ends.
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { schema } from '../../../graphql/schema/index.ts'
import type { TokenRole } from '../../../server/domain/token-role.ts'
import { authenticate, ensureAdminToken } from '../../../server/services/tokens/authenticate.ts'
import { eventually } from '../../support/eventually.ts'
import { rowId } from '../../support/register.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

let web: TestWeb
beforeAll(async () => {
  web = await startTestWeb()
  const rows = fleet(web.pool)
  const own = await rows.cluster('own', { zones: ['own-zone', 'shared'] })
  await own.store.bucket('mine')
  const foreign = await rows.cluster('foreign', { zones: ['foreign-zone', 'shared'] })
  await foreign.store.bucket('theirs')
})
afterAll(() => web?.stop())

let count = 0
async function token(role: TokenRole, zones: string[] = [], maker = web.admin): Promise<string> {
  count += 1
  const made = await web.mutate('tokenCreate', { name: `t${count}`, role, zones }, 'secret token { id }', maker)
  if (made.code) throw new Error(`${made.code} ${made.message}`)
  return made.secret
}
const setLabel = (cluster: string, secret: string) =>
  web.mutate('clusterUpdate', { cluster, labels: [{ key: 'k', value: String(count) }] }, 'cluster { name }', secret)
const tokenNames = async () =>
  (await web.ask('{ tokens { name } }')).data.tokens.map((one: { name: string }) => one.name)

test('a request without a token, or with an unknown one, is 401 and says nothing else', async () => {
  for (const secret of [null, 'nonsense', ''])
    expect(await web.ask('{ clusters { totalCount } }', {}, secret)).toMatchObject({
      status: 401,
      data: undefined,
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    })
})

test('the secret is shown once: the list has the rest', async () => {
  const made = await web.mutate(
    'tokenCreate',
    { name: 'ci', role: 'OPERATOR', zones: ['shared'], expiresAt: '2999-01-01T00:00:00Z' },
    'secret token { id name role zones expiresAt lastUsedAt }',
  )
  expect(made).toMatchObject({
    secret: expect.stringMatching(/^fado_.{32}$/),
    token: { name: 'ci', role: 'OPERATOR', zones: ['shared'], expiresAt: '2999-01-01T00:00:00.000Z', lastUsedAt: null },
  })
  const list = JSON.stringify(
    (await web.ask('{ tokens { id name role zones createdAt expiresAt lastUsedAt } }')).data.tokens,
  )
  expect(list).toContain('"ci"')
  expect(list).not.toContain(made.secret)
  expect((await web.pool.query('SELECT 1 FROM api_token WHERE hash = $1', [made.secret])).rows).toEqual([])
})

test('use is noted, at most once a minute', async () => {
  const secret = await token('VIEWER')
  async function used(): Promise<Date | null | undefined> {
    const { rows } = await web.pool.query<{ at: Date | null }>(
      'SELECT last_used_at AS at FROM api_token WHERE name = $1',
      [`t${count}`],
    )
    return rows[0]?.at
  }
  await web.ask('{ clusters { totalCount } }', {}, secret)
  const first = await used()
  expect(first).toBeInstanceOf(Date)
  await web.ask('{ clusters { totalCount } }', {}, secret)
  expect(await used()).toEqual(first)
  await web.pool.query(`UPDATE api_token SET last_used_at = now() - interval '61 s' WHERE name = $1`, [`t${count}`])
  await web.ask('{ clusters { totalCount } }', {}, secret)
  expect(Number(await used())).toBeGreaterThanOrEqual(Number(first))
})

test.each<[TokenRole, { reads: number; changes: boolean; tokens: boolean }]>([
  ['VIEWER', { reads: 200, changes: false, tokens: false }],
  ['OPERATOR', { reads: 200, changes: true, tokens: false }],
  ['ADMIN', { reads: 200, changes: true, tokens: true }],
  ['NOTIFY', { reads: 403, changes: false, tokens: false }],
  ['PROXY', { reads: 403, changes: false, tokens: false }],
])('a %s may do what its role says and no more', async (role, may) => {
  const secret = await token(role)
  expect((await web.ask('{ clusters { totalCount } }', {}, secret)).status).toBe(may.reads)
  if (may.reads !== 200) return
  expect(await setLabel('own', secret)).toMatchObject(
    may.changes ? { cluster: { name: 'own' } } : { code: 'FORBIDDEN', path: [] },
  )
  const listed = await web.ask('{ tokens { name } }', {}, secret)
  if (may.tokens) expect(listed.data.tokens.length).toBeGreaterThan(0)
  else expect(listed).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] })
  const made = await web.mutate('tokenCreate', { name: `by-${role}`, role: 'VIEWER' }, 'token { name }', secret)
  expect(made).toMatchObject(may.tokens ? { token: { name: `by-${role}` } } : { code: 'FORBIDDEN' })
})

test('no change of a VIEWER goes further than its role: none reaches a store, and none is tried on what there is not', async () => {
  let reached = 0
  const store = net.createServer((socket) => {
    reached++
    socket.destroy()
  })
  store.listen(0, '127.0.0.1')
  await once(store, 'listening')
  onTestFinished(() => void store.close())
  const endpoint = `http://127.0.0.1:${(store.address() as AddressInfo).port}`
  await web.pool.query(`UPDATE storage_deployment SET endpoint = $1 WHERE name = 'own'`, [endpoint])
  const keys = { accessKey: 'a', secretKey: 'a-secret-key' }
  const changes: Record<string, Record<string, unknown>> = {
    bucketAdopt: { name: 'views', storageDeployment: 'own' },
    bucketCreate: { name: 'views', storageDeployment: 'own' },
    bucketDelete: { bucket: 'nowhere' },
    callerCreate: { name: 'views', how: { key: true } },
    callerDelete: { name: 'nowhere' },
    clusterCreate: { name: 'views' },
    clusterDelete: { cluster: 'nowhere' },
    clusterUpdate: { cluster: 'nowhere' },
    faasDeploymentAdd: { cluster: 'nowhere', kind: 'HTTP', url: endpoint },
    faasDeploymentRemove: { id: 'nowhere' },
    faasDeploymentUpdate: { id: 'nowhere' },
    masterResolve: { bucket: 'nowhere', choice: 'ACCEPT' },
    objectDelete: { bucket: 'nowhere', keys: ['k'] },
    policySet: { scope: { global: true }, name: 'nowhere', value: 1 },
    policyUnset: { scope: { global: true }, name: 'nowhere' },
    proxyForget: { id: 'nowhere' },
    replicaRelease: { bucket: 'nowhere', storageDeployment: 'nowhere' },
    replicaResync: { bucket: 'nowhere', storageDeployment: 'nowhere' },
    replicationPause: { bucket: 'nowhere' },
    replicationResume: { bucket: 'nowhere' },
    routeOverrideClear: { bucket: 'nowhere' },
    routeOverrideSet: { bucket: 'nowhere', clusters: ['nowhere'] },
    storageDeploymentAdd: { cluster: 'own', name: 'views', endpoint, ...keys },
    storageDeploymentRemove: { name: 'nowhere' },
    storageDeploymentUpdate: { name: 'own', ...keys },
    tokenCreate: { name: 'views', role: 'VIEWER' },
    tokenRevoke: { id: 'nowhere' },
    uploadAbort: { id: 'nowhere' },
    uploadBegin: { bucket: 'nowhere', key: 'k', size: 1 },
    uploadComplete: { id: 'nowhere' },
    uploadParts: { id: 'nowhere', numbers: [1] },
  }
  const fields = schema.getMutationType()?.getFields() ?? {}
  expect(Object.keys(changes), 'every mutation is here').toEqual(Object.keys(fields).sort())
  const secret = await token('VIEWER')
  for (const [name, input] of Object.entries(changes)) {
    const mutation = `mutation ($input: ${fields[name]?.args[0]?.type}) { ${name}(input: $input) { ... on UserError { code } } }`
    const { data } = await web.ask(mutation, { input }, secret)
    expect([name, data?.[name]]).toMatchObject([name, { code: 'FORBIDDEN' }])
  }
  expect(reached).toBe(0)
})

test('a token with bounds changes only clusters of its zones and buckets whose master lies there, and nothing for all', async () => {
  const secret = await token('OPERATOR', ['own-zone'])
  const policy = (scope: Record<string, unknown>) =>
    web.mutate('policySet', { scope, name: 'target_replica_count', value: 1 }, 'policy { name }', secret)
  expect(await setLabel('own', secret)).toMatchObject({ cluster: { name: 'own' } })
  expect(await setLabel('foreign', secret)).toMatchObject({ code: 'FORBIDDEN' })
  expect(await policy({ bucket: 'mine' })).toMatchObject({ policy: { name: 'target_replica_count' } })
  expect(await policy({ bucket: 'theirs' })).toMatchObject({ code: 'FORBIDDEN' })
  expect(await policy({ global: true })).toMatchObject({ code: 'FORBIDDEN' })
  const create = (zones: string[]) =>
    web.mutate('clusterCreate', { name: `c${count}-${zones.length}`, zones }, 'cluster { name }', secret)
  expect(await create([])).toMatchObject({ code: 'FORBIDDEN' })
  expect(await create(['own-zone', 'foreign-zone'])).toMatchObject({ code: 'FORBIDDEN', path: ['input', 'zones'] })
  expect(await create(['own-zone'])).toMatchObject({ cluster: { name: `c${count}-1` } })
  const zones = (list: string[]) =>
    web.mutate('clusterUpdate', { cluster: 'own', zones: list }, 'cluster { name }', secret)
  expect(await zones(['own-zone', 'shared', 'foreign-zone'])).toMatchObject({ code: 'FORBIDDEN' })
  expect(await zones(['shared'])).toMatchObject({ code: 'FORBIDDEN' })
  const bucket = await web.mutate(
    'bucketCreate',
    { name: 'new', storageDeployment: 'foreign' },
    'bucket { id }',
    secret,
  )
  expect(bucket).toMatchObject({ code: 'FORBIDDEN' })
  expect(await web.mutate('bucketDelete', { bucket: 'theirs' }, 'deletedId', secret)).toMatchObject({
    code: 'FORBIDDEN',
  })
  const store = { name: 'foreign', force: false }
  expect(await web.mutate('storageDeploymentRemove', store, 'deletedId', secret)).toMatchObject({ code: 'FORBIDDEN' })
})

test('nobody makes or revokes a token that may do more than its maker', async () => {
  const bounded = await token('ADMIN', ['own-zone', 'shared'])
  const make = (role: TokenRole, zones: string[]) =>
    web.mutate('tokenCreate', { name: `m${zones.length}${role}`, role, zones }, 'token { zones }', bounded)
  expect(await make('VIEWER', [])).toMatchObject({ code: 'FORBIDDEN', path: ['input', 'zones'] })
  expect(await make('VIEWER', ['own-zone', 'foreign-zone'])).toMatchObject({ code: 'FORBIDDEN' })
  expect(await make('PROXY', ['own-zone'])).toMatchObject({ code: 'FORBIDDEN' })
  expect(await make('ADMIN', ['own-zone'])).toMatchObject({ token: { zones: ['own-zone'] } })
  const admins = (await web.ask('{ tokens { id name } }')).data.tokens.find(
    (one: { name: string }) => one.name === 'admin',
  )
  expect(await web.mutate('tokenRevoke', { id: admins.id }, 'revokedId', bounded)).toMatchObject({ code: 'FORBIDDEN' })
})

test.each([
  ['a taken name', { name: 'admin', role: 'VIEWER' }, 'ALREADY_EXISTS', ['input', 'name']],
  ['a bad name', { name: 'a b', role: 'VIEWER' }, 'VALIDATION_FAILED', ['input', 'name']],
  ['an unknown zone', { name: 'z', role: 'VIEWER', zones: ['mars'] }, 'VALIDATION_FAILED', ['input', 'zones']],
  [
    'an expiry that is past',
    { name: 'p', role: 'VIEWER', expiresAt: '2001-01-01T00:00:00Z' },
    'VALIDATION_FAILED',
    ['input', 'expiresAt'],
  ],
])('TokenCreate refuses %s', async (_what, input, code, path) => {
  const before = await tokenNames()
  expect(await web.mutate('tokenCreate', input, 'secret')).toMatchObject({ code, path })
  expect(await tokenNames()).toEqual(before)
})

test('a revoked token, and one that has expired, is none from that moment on', async () => {
  const secret = await token('OPERATOR')
  const { data } = await web.ask('{ tokens { id name } }')
  const { id } = data.tokens.find((one: { name: string }) => one.name === `t${count}`)
  expect(await web.mutate('tokenRevoke', { id }, 'revokedId')).toMatchObject({ revokedId: id })
  expect((await web.ask('{ clusters { totalCount } }', {}, secret)).status).toBe(401)
  expect(await tokenNames()).not.toContain(`t${count}`)
  expect(await web.mutate('tokenRevoke', { id }, 'revokedId')).toMatchObject({ code: 'NOT_FOUND' })
  expect((await web.ask('query ($id: ID!) { node(id: $id) { id } }', { id })).data.node).toBeNull()

  const short = await token('VIEWER')
  await web.pool.query(`UPDATE api_token SET expires_at = now() - interval '1 ms' WHERE name = $1`, [`t${count}`])
  expect((await web.ask('{ clusters { totalCount } }', {}, short)).status).toBe(401)
})

test("the configuration's admin token is made once and never made valid again after it was revoked", async () => {
  const secret = 'another-admin-token'
  await ensureAdminToken(web.deps, secret)
  await ensureAdminToken(web.deps, secret)
  const actor = await eventually('it is valid', () => authenticate(web.deps, secret))
  expect(actor).toMatchObject({ name: 'admin', role: 'ADMIN', zones: [], expiresInSeconds: null })
  await web.pool.query('UPDATE api_token SET revoked_at = now() WHERE id = $1', [actor.id])
  await expect(ensureAdminToken(web.deps, secret)).rejects.toMatchObject({
    code: 'FORBIDDEN',
    message: expect.stringContaining('FADO_TOKEN'),
  })
})

test('an ADMIN finds tokens by their global id, others do not', async () => {
  const { data } = await web.ask('{ tokens { id name } }')
  const { id } = data.tokens[0]
  const find = (secret: string) =>
    web.ask('query ($id: ID!) { node(id: $id) { ... on ApiToken { name } } }', { id }, secret)
  expect((await find(web.admin)).data.node).toEqual({ name: data.tokens[0].name })
  expect(await find(await token('OPERATOR'))).toMatchObject({
    data: { node: null },
    errors: [{ extensions: { code: 'FORBIDDEN' } }],
  })
  expect(rowId(id)).toMatch(/^[0-9a-f-]{36}$/)
})
