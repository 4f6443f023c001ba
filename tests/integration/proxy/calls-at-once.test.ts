// How many calls a real Envoy gives to one deployment at once.
import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { endpointOf, startFunctions, startRouting, tableOf } from '../../support/routing.ts'

/** A function server whose calls wait until they are let go, one by one or all. */
async function heldFunctions(name: string) {
  const held: (() => void)[] = []
  let open = false
  const server = await startFunctions(name, async () => {
    if (!open) await new Promise<void>((resolve) => held.push(resolve))
  })
  return {
    server,
    letOneGo: () => held.shift()?.(),
    letAllGo() {
      open = true
      for (const go of held.splice(0)) go()
    },
  }
}

test('more calls than calls_at_once wait in Envoy for one that ends; other deployments and calls of other buckets to them go on', async () => {
  const [edge, hpc] = [await heldFunctions('edge'), await heldFunctions('hpc')]
  const { proxy, startEnvoy, firstAnswer, call } = await startRouting()
  proxy.apply({ kind: 'upstreams', settings: { slowStartMs: 0, callsAtOnce: 2 } })
  proxy.apply({ kind: 'endpoints', endpoints: [endpointOf(edge.server), endpointOf(hpc.server)] })
  const routes = ['edge', 'hpc'].map((name, n) => ({ bucket: name, number: n + 1, table: tableOf([name]) }))
  proxy.apply({ kind: 'routes', routes })
  proxy.ready()
  // One worker thread: each has at least one connection to a deployment, whatever the limit.
  const envoy = await startEnvoy({ concurrency: 1 })
  await firstAnswer('/function/f')
  const calls = Array.from({ length: 6 }, () => call('/function/f', { bucket: 'edge' }))
  const under = async () => {
    const waiting = /^cluster\.fado\/round_robin\.upstream_rq_pending_active: (\d+)$/m.exec(await envoy.get('/stats'))
    return [edge.server.active, Number(waiting?.[1])]
  }
  await expect.poll(under, { interval: 10 }).toEqual([2, 4])
  const other = call('/function/f', { bucket: 'hpc' })
  await eventually('the other deployment has its call', () => hpc.server.active === 1)
  edge.letOneGo()
  await expect.poll(under, { interval: 10 }).toEqual([2, 3])
  expect(edge.server.calls).toBe(3)
  for (const one of [edge, hpc]) one.letAllGo()
  expect((await Promise.all([...calls, other])).map(({ status }) => status)).toEqual(Array(7).fill(200))
})
