// A cluster that is new in a route that others have served for long gets its share of the calls little by little.
import http from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import type { RouteTable } from '../../../server/domain/route/routing-table.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

const slowStartMs = 2_000

/**
 * Buckets that edge has served for longer than a slow start. Others are at hpc as long: to Envoy, whose own slow start is of
 * deployments, neither is newer than the other. `functions`: those that each has; default: any.
 */
async function settled(
  tables: Readonly<Record<string, RouteTable>>,
  functions: { readonly edge?: readonly string[]; readonly hpc?: readonly string[] } = {},
) {
  const edge = await startFunctions('edge')
  const hpc = await startFunctions('hpc')
  // It goes on only where the test says so.
  let clock = 0
  const routing = await startRouting({ now: () => clock })
  const pass = (ms: number) => {
    clock += ms
  }
  const { proxy, startEnvoy, firstAnswer, acked } = routing
  proxy.apply({ kind: 'upstreams', settings: { slowStartMs, callsAtOnce: null } })
  proxy.apply({
    kind: 'endpoints',
    endpoints: [
      endpointOf(edge, { functions: functions.edge ?? [] }),
      endpointOf(hpc, { functions: functions.hpc ?? [] }),
    ],
  })
  let number = 0
  const route = (of: typeof tables) => {
    const routes = Object.entries(of).map(([bucket, table]) => ({ bucket, table, number: ++number }))
    proxy.apply({ kind: 'routes', routes })
    return acked(number)
  }
  const agent = new http.Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  /** What part of so many calls hpc served. */
  async function share(bucket: string, calls = 200, name = 'f'): Promise<number> {
    let served = 0
    for (let n = 0; n < calls; n++) {
      const { headers } = await routing.call(`/function/${name}`, { bucket, agent })
      if (headers['x-fado-served-by'] === 'hpc') served++
    }
    return served / calls
  }
  const others = { 'at hpc': tableOf(['hpc']), 'at hpc, counted': tableOf(['hpc'], { lbPolicy: 'least_request' }) }
  const begun = route({ ...tables, ...others })
  proxy.ready()
  const envoy = await startEnvoy()
  await begun
  for (const bucket of [...Object.keys(tables), ...Object.keys(others)]) await firstAnswer('/function/f', { bucket })
  pass(slowStartMs)
  return { ...routing, envoy, edge, hpc, route, share, pass }
}

test('it begins with a tenth of the calls that are spread, and has its share when the time is over', async () => {
  const { route, share, call, pass } = await settled({
    turns: tableOf(['edge']),
    counted: tableOf(['edge'], { lbPolicy: 'least_request' }),
    drawn: tableOf(['edge'], { lbPolicy: 'random' }),
    limited: tableOf(['edge'], { retry: { tries: 2 } }),
  })
  const both = {
    turns: tableOf(['edge', 'hpc']),
    counted: tableOf(['edge', 'hpc'], { lbPolicy: 'least_request' }),
    drawn: tableOf(['edge', 'hpc'], { lbPolicy: 'random' }),
    limited: tableOf(['edge', 'hpc'], { retry: { tries: 2 } }),
  }
  await route({ ...both, newborn: tableOf(['edge']) })
  await route({ newborn: tableOf(['edge', 'hpc']) })
  for (const bucket of ['turns', 'counted']) {
    const first = await share(bucket)
    expect(first, bucket).toBeGreaterThan(0)
    expect(first, bucket).toBeLessThan(0.15)
  }
  for (const bucket of ['drawn', 'limited', 'newborn']) expect(await share(bucket), bucket).toBeGreaterThan(0.35)
  const decided = async () => (await call('/function/f', { bucket: 'turns' })).headers['x-fado-decision']
  const decisionThen = await decided()
  pass(slowStartMs / 2)
  await expect.poll(() => share('turns')).toBeGreaterThan(0.18)
  expect(await share('turns')).toBeLessThan(0.38)
  pass(slowStartMs / 2)
  for (const bucket of Object.keys(both))
    await expect.poll(() => share(bucket), { message: bucket }).toBeGreaterThan(0.4)
  expect(await decided()).toBe(decisionThen)
})

test('while it starts, a function that it alone has is called there, and there alone', async () => {
  const { route, share } = await settled({ photos: tableOf(['edge']) }, { edge: ['f'], hpc: ['f', 'new'] })
  await route({ photos: tableOf(['edge', 'hpc']) })
  expect(await share('photos', 50, 'new')).toBe(1)
  expect(await share('photos', 50)).toBeLessThan(0.35)
})

test('while it starts, what is coming back at the others takes no call that it can take', async () => {
  const { route, share, proxy, edge, hpc } = await settled({ photos: tableOf(['edge']) })
  const edgeIs = (health: 'healthy' | 'returning') =>
    proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(edge, { health }), endpointOf(hpc)] })
  await route({ photos: tableOf(['edge', 'hpc']) })
  expect(await share('photos', 50)).toBeLessThan(0.4)
  edgeIs('returning')
  await expect.poll(() => share('photos', 50)).toBe(1)
  edgeIs('healthy')
  await expect.poll(() => share('photos', 50)).toBeLessThan(0.4)
})

test.for([
  ['round_robin', 1],
  ['least_request', 4],
] as const)(
  'while it starts, the end of the only other costs no call by %s, of %i callers',
  async ([lbPolicy, callers]) => {
    const { route, edge, hpc, ingressPort, pass } = await settled({ photos: tableOf(['edge'], { lbPolicy }) })
    await route({ photos: tableOf(['edge', 'hpc'], { lbPolicy }) })
    const load = hammer(ingressPort, '/function/f', { bucket: 'photos' }, callers)
    const more = async (by: { readonly calls: number }, calls: number) => {
      const before = by.calls
      await expect.poll(() => by.calls).toBeGreaterThan(before + calls)
    }
    await more(edge, 100)
    await edge.stop()
    await more(hpc, 500)
    pass(slowStartMs / 2)
    await more(hpc, 500)
    const { failures } = await load.stop()
    // What was under way when it ended may have been taken.
    expect(failures.filter((failure) => !failure.includes('cut-off'))).toEqual([])
  },
)
