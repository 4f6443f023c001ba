// What a real Envoy gives to a deployment that comes anew, or back.
import http from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import type { LbPolicy } from '../../../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint } from '../../../server/domain/route/routing-table.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

const slowStartMs = 3_000
const slowly = ['round_robin', 'least_request'] as const satisfies readonly LbPolicy[]

test('what comes back starts slowly beside others, and takes all where it is alone', async () => {
  const edge = await startFunctions('edge')
  const hpc = await startFunctions('hpc')
  const { proxy, startEnvoy, firstAnswer, call } = await startRouting()
  const hpcIs = (health: 'healthy' | 'unhealthy') =>
    proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(edge), endpointOf(hpc, { health })] })
  proxy.apply({ kind: 'upstreams', settings: { slowStartMs, callsAtOnce: null } })
  hpcIs('healthy')
  const buckets = slowly.flatMap((lbPolicy) => [
    { bucket: lbPolicy, table: tableOf(['edge', 'hpc'], { lbPolicy }) },
    { bucket: `${lbPolicy} alone`, table: tableOf(['hpc'], { lbPolicy }) },
  ])
  proxy.apply({ kind: 'routes', routes: buckets.map((one, n) => ({ ...one, number: n + 1 })) })
  proxy.ready()
  await startEnvoy()
  for (const bucket of slowly) await firstAnswer('/function/f', { bucket })
  const agent = new http.Agent({ keepAlive: true })
  onTestFinished(() => agent.destroy())
  /** What part of so many calls hpc served. */
  async function share(bucket: string): Promise<number> {
    const calls = 100
    let served = 0
    for (let n = 0; n < calls; n++) {
      const { headers } = await call('/function/f', { bucket, agent })
      if (headers['x-fado-served-by'] === 'hpc') served++
    }
    return served / calls
  }
  await delay(slowStartMs) // edge is not new any more: only time makes it so
  for (const policy of slowly) expect(await share(policy), policy).toBeGreaterThan(0.4)
  hpcIs('unhealthy')
  await expect.poll(() => share('round_robin'), { timeout: 10_000 }).toBe(0)
  const backAt = performance.now()
  hpcIs('healthy')
  await expect.poll(() => share('round_robin alone'), { timeout: 10_000 }).toBe(1)
  for (const policy of slowly) {
    const seen = await share(policy)
    expect(seen, policy).toBeGreaterThan(0)
    // Its weight grows with time, so on a slow machine it has grown more by now.
    const weight = Math.min(1, (performance.now() - backAt) / slowStartMs)
    expect(seen, policy).toBeLessThan(Math.max(0.35, weight / (1 + weight) + 0.15))
  }
  expect(await share('least_request alone')).toBe(1)
  await delay(Math.max(0, slowStartMs - (performance.now() - backAt)))
  for (const policy of slowly) expect(await share(policy), policy).toBeGreaterThan(0.4)
}, 120_000)

test('what is coming back and well for long enough starts slowly, also one right after the other, and what filled in for a class', async () => {
  const names = ['edge', 'hpc', 'cloud'] as const
  const servers = await Promise.all(names.map((name) => startFunctions(name)))
  const { serve, proxy, call } = await startRouting()
  const slowStartMs = 20_000
  proxy.apply({ kind: 'upstreams', settings: { slowStartMs, callsAtOnce: null } })
  const are = (...healths: readonly FaasEndpoint['health'][]) =>
    servers.map((server, n) => endpointOf(server, { health: healths[n] ?? 'healthy' }))
  const tables = slowly.map((lbPolicy) => [lbPolicy, tableOf([...names].sort(), { lbPolicy })])
  // For this bucket hpc fills in while it comes back.
  const alone = ['alone', tableOf(['hpc'])]
  await serve(are('healthy', 'returning', 'returning'), Object.fromEntries([...tables, alone]))
  /** How many of a hundred calls each served. */
  async function shares(bucket: string): Promise<readonly number[]> {
    const served = new Map<unknown, number>()
    for (let n = 0; n < 100; n++) {
      const by = (await call('/function/f', { bucket })).headers['x-fado-served-by']
      served.set(by, (served.get(by) ?? 0) + 1)
    }
    return names.map((name) => served.get(name) ?? 0)
  }
  await delay(slowStartMs) // edge is not new any more: only time makes it so
  for (const policy of slowly) expect(await shares(policy), policy).toEqual([100, 0, 0])
  expect(await shares('alone')).toEqual([0, 100, 0])
  proxy.apply({ kind: 'endpoints', endpoints: are('healthy', 'healthy', 'returning') })
  proxy.apply({ kind: 'endpoints', endpoints: are() })
  for (const policy of slowly) {
    await expect.poll(async () => Math.min(...(await shares(policy))), { timeout: 10_000 }).toBeGreaterThan(0)
    const [, hpc, cloud] = await shares(policy)
    expect(hpc, policy).toBeLessThan(28)
    expect(cloud, policy).toBeLessThan(28)
  }
  expect(await shares('alone')).toEqual([0, 100, 0])
}, 90_000)

test('the time of the slow start is changed under load without a failed call', async () => {
  const edge = await startFunctions('edge')
  const { serve, proxy, ingressPort, acked } = await startRouting()
  const envoy = await serve([endpointOf(edge)], { photos: tableOf(['edge']) })
  const clusters = () => envoy.get('/config_dump?resource=dynamic_active_clusters')
  expect(await clusters()).not.toContain('slow_start_window')
  const load = hammer(ingressPort, '/function/f', { bucket: 'photos' })
  for (const [n, slow] of [30_000, 7_000, 0, 30_000].entries()) {
    proxy.apply({ kind: 'upstreams', settings: { slowStartMs: slow, callsAtOnce: null } })
    if (slow === 0) await expect.poll(clusters, { interval: 5 }).not.toContain('slow_start_window')
    else await expect.poll(clusters, { interval: 5 }).toContain(`"slow_start_window": "${slow / 1000}s"`)
    // A new class needs the endpoints under their new name.
    proxy.apply({ kind: 'routes', routes: [{ bucket: 'other', number: n + 2, table: tableOf(['edge', `c${n}`]) }] })
    await acked(n + 2)
  }
  expect((await load.stop()).failures).toEqual([])
})
