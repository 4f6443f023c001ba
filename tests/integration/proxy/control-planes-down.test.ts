// Every control plane is down: Envoys go on serving by what they have, and follow changes again when one is back.
import { expect, test } from 'vitest'
import { freePort } from '../../support/free-port.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

test('with both of two control planes gone no call fails; what changes after one is back is routed', async () => {
  const servers = await Promise.all(['hpc', 'edge'].map((name) => startFunctions(name)))
  const [ingressPort, ...xdsPorts] = [await freePort(), await freePort(), await freePort()]
  const start = async (xdsPort: number, cluster: string) => {
    const routing = await startRouting({ xdsPort, ingressPort })
    routing.proxy.apply({ kind: 'tables', tables: [tableOf(['hpc'])] })
    routing.proxy.apply({ kind: 'endpoints', endpoints: servers.map((server) => endpointOf(server)) })
    const number = cluster === 'hpc' ? 1 : 2
    routing.proxy.apply({ kind: 'routes', routes: [{ bucket: 'photos', number, table: tableOf([cluster]) }] })
    routing.proxy.ready()
    return routing
  }
  const first = await start(xdsPorts[0] ?? 0, 'hpc')
  const second = await start(xdsPorts[1] ?? 0, 'hpc')
  const envoys = [await first.startEnvoy({ xdsPort: xdsPorts, nodeId: 'first' })]
  await first.firstAnswer('/function/f', { bucket: 'photos' })
  const load = hammer(ingressPort ?? 0, '/function/f', { bucket: 'photos' })
  first.proxy.stop()
  second.proxy.stop()
  // It has tried both again and again by now, and found nobody.
  const failed = async () =>
    Number(
      /cx_connect_fail: (\d+)/.exec((await envoys[0]?.get('/stats?filter=cluster.fado_xds.upstream_cx')) ?? '')?.[1],
    )
  await expect.poll(failed, { timeout: 20_000 }).toBeGreaterThan(5)
  const before = load.calls()
  await expect.poll(load.calls).toBeGreaterThan(before + 100)
  const back = await start(xdsPorts[1] ?? 0, 'edge')
  await back.acked(2)
  expect((await back.call('/function/f', { bucket: 'photos' })).headers['x-fado-served-by']).toBe('edge')
  const { failures, served } = await load.stop()
  expect(failures).toEqual([])
  expect(served.get('hpc')).toBeGreaterThan(100)
})
