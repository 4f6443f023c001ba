// A call goes only where its function is, as far as deployments say which they have.
import { expect, test } from 'vitest'
import type { FaasEndpoint } from '../../../server/domain/route/routing-table.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

async function start() {
  const servers = await Promise.all(['aws', 'edge', 'hpc'].map((name) => startFunctions(name)))
  const routing = await startRouting()
  const having = (functions: Readonly<Record<string, readonly string[]>>, more: Partial<FaasEndpoint> = {}) =>
    servers.map((server) => endpointOf(server, { functions: functions[server.name] ?? [], ...more }))
  const apply = (...told: Parameters<typeof having>) =>
    routing.proxy.apply({ kind: 'endpoints', endpoints: having(...told) })
  await routing.serve(having({}), {
    all: tableOf(['aws', 'edge', 'hpc']),
    two: tableOf(['aws', 'hpc']),
    first: tableOf(['hpc', 'aws', 'edge'], { lbPolicy: 'first' }),
  })
  /** Who serves twelve calls in a row. */
  async function serving(path: string, bucket = 'all') {
    const served = new Set<string>()
    for (let i = 0; i < 12; i++) {
      const { status, headers } = await routing.call(path, { bucket })
      served.add(status === 200 ? String(headers['x-fado-served-by']) : String(status))
    }
    return [...served].sort().join()
  }
  return { ...routing, apply, serving }
}

test('calls go where their function is, and those of a function that nobody names where any may be', async () => {
  const { apply, serving } = await start()
  expect(await serving('/function/resize')).toBe('aws,edge,hpc')
  apply({ aws: ['resize'], hpc: ['blur', 'resize'] })
  // Connections that are open go on by the listener that they met; Envoy closes them within five seconds.
  await expect.poll(() => serving('/function/blur'), { timeout: 10_000 }).toBe('edge,hpc')
  expect(await serving('/function/resize/x?y=/function/blur')).toBe('aws,edge,hpc')
  expect(await serving('/function/other')).toBe('edge')
  expect(await serving('/function/blur', 'two')).toBe('hpc')
  expect(await serving('/function/other', 'two')).toBe('503')
  expect(await serving('/function/*', 'two')).toBe('503')
  apply({ aws: ['other'] })
  await expect.poll(() => serving('/function/other', 'two')).toBe('aws,hpc')
  expect(await serving('/function/resize', 'two')).toBe('hpc')
  apply({})
  await expect.poll(() => serving('/function/resize', 'two')).toBe('aws,hpc')
})

test('FIRST passes over clusters that do not have the function', async () => {
  const { apply, serving } = await start()
  expect(await serving('/function/resize', 'first')).toBe('hpc')
  apply({ aws: ['resize'], hpc: ['blur'] })
  await expect.poll(() => serving('/function/resize', 'first'), { timeout: 10_000 }).toBe('aws')
  expect(await serving('/function/blur', 'first')).toBe('hpc')
  expect(await serving('/function/other', 'first')).toBe('edge')
  apply({ aws: ['other'] })
  await expect.poll(() => serving('/function/resize', 'first')).toBe('hpc')
  expect(await serving('/function/other', 'first')).toBe('hpc')
})

test('lists that come, change and go fail no call', async () => {
  const { apply, ingressPort } = await start()
  const load = hammer(ingressPort, '/function/resize', { bucket: 'two' })
  for (let i = 0; i < 20; i++) {
    apply(
      [{}, { aws: ['resize', `f${i}`] }, { aws: ['resize'], hpc: ['blur', 'resize'] }, { edge: ['blur'] }][i % 4] ?? {},
    )
    const calls = load.calls()
    await expect.poll(() => load.calls(), { interval: 5 }).toBeGreaterThan(calls + 30)
  }
  const { failures, served } = await load.stop()
  expect(failures).toEqual([])
  expect([...served.keys()].sort()).toEqual(['aws', 'hpc'])
})
