// Envoys that will not come back, over the API.
import { v7 } from 'uuid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeNodeId } from '../../../graphql/schema/node-id.ts'
import { catalogue } from '../../support/catalogue.ts'
import { startTestWeb, type TestWeb } from '../../support/web.ts'

let web: TestWeb
beforeAll(async () => {
  web = await startTestWeb()
})
afterAll(() => web?.stop())

async function proxy(nodeId: string, end: 'open' | 'closed'): Promise<string> {
  const id = v7()
  await web.pool.query('INSERT INTO proxy_node (id, node_id) VALUES ($1, $2)', [id, nodeId])
  await web.pool.query(
    `INSERT INTO proxy_stream (id, proxy_node_id, process_id, closed_at, lease_until)
     VALUES ($1, $2, $3, $4, now() + interval '10 min')`,
    [v7(), id, v7(), end === 'open' ? null : new Date()],
  )
  return encodeNodeId('Proxy', id)
}
const nodes = async () =>
  (await web.ask('{ proxies { nodeId } }')).data.proxies.map((one: { nodeId: string }) => one.nodeId)
const forget = (id: string, token?: string) => web.mutate('proxyForget', { id }, 'forgottenId', token)

test('a proxy that is gone is forgotten by order, and what waits for it is decided at once', async () => {
  const rows = catalogue(web.pool)
  const bucket = await rows.bucket('photos', await rows.cluster('hpc'))
  await web.pool.query(`UPDATE bucket SET state = 'deleting'`)
  await web.pool.query(`INSERT INTO dirty_bucket (bucket_id, not_before) VALUES ($1, now() + interval '1 h')`, [bucket])
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
