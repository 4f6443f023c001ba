// What `fado get routes` tells of routes.
import { expect, test } from 'vitest'
import { startCommands } from '../../support/commands.ts'

test('fado get routes says what each PENDING route waits for, also when no proxy holds it up', async () => {
  const { web, rows, cell } = await startCommands()
  const hpc = await rows.cluster('hpc')
  const bucket = await hpc.store.bucket('photos')
  await bucket.route(1, ['hpc'])
  const waits = () => cell('routes', 'photos', 'WAITS FOR')
  expect(await waits()).toBe('a proxy: none is connected')

  await rows.proxy('envoy-1', { stream: { ackedThrough: 1 } })
  expect(await waits()).toBe('-')
  await bucket.dirty({ intent: true })
  expect(await waits()).toBe('its decision')
  await web.pool.query('DELETE FROM dirty_bucket')
  // It agreed to the route before its stream ended, as a frozen one does.
  await web.pool.query(
    `UPDATE proxy_stream SET closed_at = '2026-11-28T08:00:00Z', heartbeat_at = now(), lease_until = now() + interval '1 h'`,
  )
  expect(await waits()).toBe('a proxy: none is connected; envoy-1 is gone since 2026-11-28T08:00:00.000Z')
  await bucket.route(2, ['hpc'])
  expect(await waits()).toContain('Waits for the proxy envoy-1, gone since')
})

test('fado get routes tells which clusters do not answer, and that a bucket whose calls nobody takes is UNROUTABLE', async () => {
  const { web, rows, cell } = await startCommands()
  const edge = await rows.cluster('edge', { urls: ['http://127.0.0.1:1'] })
  await rows.cluster('hpc', { urls: ['http://127.0.0.1:2'] })
  await (await edge.store.bucket('photos')).route(1, ['edge'])
  await (await edge.store.bucket('films')).route(2, ['edge', 'hpc'])
  await rows.proxy('envoy', { stream: { ackedThrough: 2 } })
  await web.pool.query(`UPDATE faas_deployment SET health = 'unhealthy' WHERE url = 'http://127.0.0.1:1'`)
  expect(await cell('routes', 'photos', 'STATE')).toBe('UNROUTABLE')
  expect(await cell('routes', 'photos', 'CLUSTERS')).toBe('edge (does not answer)')
  expect(await cell('routes', 'films', 'STATE')).toBe('SERVING')
  expect(await cell('routes', 'films', 'CLUSTERS')).toBe('edge (does not answer), hpc')
})

test('fado get routes tells who may call, and that nobody may where all whom the policy names are gone', async () => {
  const { web, rows, fado, cell } = await startCommands()
  const hpc = await rows.cluster('hpc')
  await (await hpc.store.bucket('films')).route(1, [])
  await (await hpc.store.bucket('photos')).route(2, ['hpc'])
  await fado('caller', 'create', 'nightly', '--key')
  await fado('caller', 'create', 'nurses', '--key')
  // What is decided of a policy that names both.
  await web.pool.query(
    `UPDATE route_table SET content = jsonb_build_object('callers', (SELECT jsonb_agg(id) FROM caller)) WHERE 'hpc' = ANY(clusters)`,
  )
  const closed = async () => {
    const filter = 'filter: { nobodyMayCall: true }'
    return (await web.ask(`{ buckets(${filter}) { totalCount nodes { name route { callers } } } }`)).data.buckets
  }
  const said = '- photos: Nobody may call: the policy callers names no caller that there is.'
  const below = async () => (await fado('get', 'routes')).split('\n\n')[1]
  expect(await cell('routes', 'films', 'CALLERS')).toBe('all')
  expect(await cell('routes', 'photos', 'CALLERS')).toBe('nightly, nurses')
  await fado('caller', 'delete', 'nurses')
  expect(await cell('routes', 'photos', 'CALLERS')).toBe('nightly')
  expect(await closed()).toEqual({ totalCount: 0, nodes: [] })
  expect(await below()).toBeUndefined()
  await fado('caller', 'delete', 'nightly')
  expect(await cell('routes', 'photos', 'CALLERS')).toBe('nobody')
  expect(await closed()).toEqual({ totalCount: 1, nodes: [{ name: 'photos', route: { callers: [] } }] })
  expect(await below()).toBe(said)
})
