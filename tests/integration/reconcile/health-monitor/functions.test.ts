// What else is kept of function deployments, and told.
import { expect, onTestFinished, test } from 'vitest'
import { loadEndpoints } from '../../../../server/db/proxies/endpoints.ts'
import type { FunctionProbe } from '../../../../server/reconcile/health-monitor.ts'
import { eventually } from '../../../support/eventually.ts'
import { keyRefused, monitor, silent, well } from '../../../support/health-monitor.ts'

test('when calls of a deployment must go to other addresses, that is written and proxies hear of it, though it was well all along', async () => {
  let addresses = ['127.0.0.1']
  const { pool, wakeups, world, edge } = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => well, {
    probeFunctions: async () => ({ trouble: null, addresses }),
  })
  await world.functions(edge, 'http://dual')
  const endpoint = async () => (await loadEndpoints(pool))[0]
  await eventually('the first is in use', async () => (await endpoint())?.addresses.join() === '127.0.0.1')
  let told = 0
  onTestFinished(wakeups.on('endpoints', () => void told++))
  addresses = ['127.0.0.1', '127.0.0.2']
  await eventually('both are in use', async () => (await endpoint())?.addresses.join() === '127.0.0.1,127.0.0.2')
  await eventually('proxies hear of it', () => told > 0)
  expect(await endpoint()).toMatchObject({ health: 'healthy' })
})

test('that a platform lacks its own path is written and told, and stays known while it does not answer', async () => {
  let probe: FunctionProbe = { trouble: null, addresses: ['127.0.0.1'], lacksPath: true }
  const { pool, world, edge } = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => well, {
    probeFunctions: async () => probe,
  })
  await world.functions(edge, 'http://127.0.0.1:1')
  type Row = { lacks: boolean; health: string }
  const is = async (lacks: boolean, health: string) => {
    const { rows } = await pool.query<Row>('SELECT lacks_path AS lacks, health FROM faas_deployment')
    return rows[0]?.lacks === lacks && rows[0].health === health
  }
  await eventually('it lacks it', () => is(true, 'healthy'))
  const { rowCount } = await pool.query(`SELECT FROM event WHERE topic = 'faas'`)
  expect(rowCount).toBeGreaterThan(0)
  probe = { trouble: silent, addresses: [] }
  await eventually('it is down', () => is(true, 'unhealthy'))
  probe = { trouble: null, addresses: ['127.0.0.1'] }
  await eventually('it has it', () => is(false, 'healthy'))
})

test.each<[string, () => Promise<FunctionProbe>]>([
  ['be written', async () => ({ trouble: { ...keyRefused, detail: 'no database takes \0' }, addresses: [] })],
  ['be asked', () => Promise.reject(new Error('its key cannot be read'))],
])('one that cannot %s keeps nobody else from being judged', async (_what, odd) => {
  const { pool, world, edge } = await monitor({ calm: 0.01, suspicious: 0.01 }, async () => well, {
    probeFunctions: async ({ url }) => (url === 'http://odd' ? odd() : { trouble: silent, addresses: [] }),
  })
  for (const url of ['http://first', 'http://odd', 'http://last']) await world.functions(edge, url)
  await eventually('the others are down', async () => {
    const { rowCount } = await pool.query(`SELECT FROM faas_deployment WHERE health = 'unhealthy'`)
    return rowCount === 2
  })
})
