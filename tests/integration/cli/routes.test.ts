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
