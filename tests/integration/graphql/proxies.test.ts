// Envoys that will not come back, over the API.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeNodeId } from '../../../graphql/schema/node-id.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'
import { fleet, fromNow } from '../../support/world/fleet.ts'

let web: TestWeb
beforeAll(async () => {
  web = await startTestWeb()
})
afterAll(() => web?.stop())

async function proxy(nodeId: string, end: 'open' | 'closed'): Promise<string> {
  const closedAt = end === 'open' ? null : new Date()
  const { id } = await fleet(web.pool).proxy(nodeId, { stream: { closedAt, leaseUntil: fromNow(600) } })
  return encodeNodeId('Proxy', id)
}
const nodes = async () =>
  (await web.ask('{ proxies { nodeId } }')).data.proxies.map((one: { nodeId: string }) => one.nodeId)
const forget = (id: string, token?: string) => web.mutate('proxyForget', { id }, 'forgottenId', token)

test('a proxy that is gone is forgotten by order, and what waits for it is decided at once', async () => {
  const rows = fleet(web.pool)
  const { store } = await rows.cluster('hpc')
  const bucket = await store.bucket('photos', { state: 'deleting' })
  await bucket.dirty({ notBefore: fromNow(3600) })
  const gone = await proxy('edge-1', 'closed')
  await proxy('edge-2', 'closed')
  expect(await forget(gone)).toMatchObject({ forgottenId: gone })
  expect(await nodes()).toEqual(['edge-2'])
  const { rows: due } = await web.pool.query('SELECT not_before <= now() AS due FROM dirty_bucket')
  expect(due).toEqual([{ due: true }])
  expect(await forget(gone)).toMatchObject({ code: 'NOT_FOUND', path: ['input', 'id'] })
})

test('a proxy that is connected is not forgotten', async () => {
  const id = await proxy('edge-3', 'open')
  expect(await forget(id)).toMatchObject({ code: 'IN_USE', message: 'The proxy edge-3 is connected: stop it first' })
  expect(await nodes()).toContain('edge-3')
})

test('a token for some zones only may not forget what all buckets wait for', async () => {
  await web.mutate('clusterCreate', { name: 'edge', zones: ['germany'] }, 'cluster { id }')
  const input = { name: 'bound', role: 'OPERATOR', zones: ['germany'] }
  const { secret } = await web.mutate('tokenCreate', input, 'secret')
  const id = await proxy('edge-4', 'closed')
  expect(await forget(id, secret)).toMatchObject({ code: 'FORBIDDEN' })
  expect(await nodes()).toContain('edge-4')
})
