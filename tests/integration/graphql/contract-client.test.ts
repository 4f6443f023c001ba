// The contract's own client, unchanged, against the web side.
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

type Subscription = { close(): void; closed: Promise<{ code: unknown }>; opened: Promise<void> }
type Contract = {
  run(name: string, variables?: Record<string, unknown>): Promise<never>
  must(name: string, input: Record<string, unknown>): Promise<{ secret: string; token: { id: string } }>
  subscribe(name: string, variables: Record<string, unknown>, onData: (data: unknown) => void): Subscription
}

let web: TestWeb
let connect: (demo: Record<string, unknown>) => Contract
beforeAll(async () => {
  web = await startTestWeb()
  const rows = fleet(web.pool)
  const { store } = await rows.cluster('hpc', { zones: ['germany'], urls: ['http://f'] })
  await store.bucket('photos')
  ;({ connect } = await import(path.resolve(import.meta.dirname, '../../contract/client.mjs')))
})
afterAll(() => web?.stop())
const as = (token: string) => connect({ graphql: `${web.url}/graphql`, token, stores: [] })

test.each([
  ['Clusters', { first: 10 }, { totalCount: 1, nodes: [{ name: 'hpc', zones: ['germany'] }] }],
  ['Bucket', { name: 'photos' }, { name: 'photos', master: { storageDeployment: { name: 'hpc' } } }],
  ['Bucket', { name: 'unknown' }, null],
  ['Buckets', { filter: { cluster: 'hpc' } }, { totalCount: 1, nodes: [{ name: 'photos' }] }],
  [
    'Policies',
    {},
    expect.arrayContaining([expect.objectContaining({ name: 'zones', scopes: ['GLOBAL', 'BUCKET'], default: [] })]),
  ],
  ['Objects', { name: 'photos', prefix: 'a' }, { objects: { totalCount: null, nodes: [] } }],
  ['Proxies', {}, []],
  ['Tokens', {}, [{ name: 'admin', role: 'ADMIN', zones: [], expiresAt: null }]],
])('%s %j answers as the contract says', async (name, variables, expected) => {
  const answer: unknown = await as(web.admin).run(name, variables)
  if (expected === null) expect(answer).toBeNull()
  else expect(answer).toMatchObject(expected)
})

test('its subscriptions open, tell what is there, and end when the token is revoked', async () => {
  const { secret, token } = await as(web.admin).must('TokenCreate', {
    name: 'ci',
    role: 'VIEWER',
    zones: [],
    expiresAt: null,
  })
  const seen: unknown[] = []
  const subscription = as(secret).subscribe('RoutesChanged', {}, (data) => seen.push(data))
  await subscription.opened
  await eventually('the present state', () => seen.length === 1)
  expect(seen[0]).toMatchObject({ bucket: { name: 'photos' }, route: { state: 'PENDING' } })
  await as(web.admin).must('TokenRevoke', { id: token.id })
  expect(['error', 4401]).toContain((await subscription.closed).code)
  const refused = as(secret).subscribe('ProxyStatus', {}, () => undefined)
  expect(await refused.closed).toMatchObject({ code: 4401 })
})
