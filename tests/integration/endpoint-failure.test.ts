// From a function server that fails to a real Envoy that leaves it alone: health monitor, feed and proxy together.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createRoutingProxy } from '../../proxy/routing-proxy.ts'
import { createWakeups } from '../../server/db/core/notify.ts'
import { probeDeployment } from '../../server/faas/probe-deployment.ts'
import { anyTarget } from '../../server/forbidden-target.ts'
import { createLog } from '../../server/log.ts'
import { createDeploymentSecrets } from '../../server/reconcile/deployment-secrets.ts'
import { startHealthMonitor } from '../../server/reconcile/health-monitor.ts'
import { startRouteFeed } from '../../server/reconcile/route-feed.ts'
import { createSecretBox } from '../../server/secrets.ts'
import { startEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { freshPool } from '../support/fresh-pool.ts'
import { endpointOf, hammer, startFunctions, startRouting, tableOf } from '../support/routing.ts'
import { fleet } from '../support/world/fleet.ts'

const log = createLog('silent', 'test')

/** A function server that can be made to say nothing more, to anybody. */
async function functions() {
  let silent = false
  const server = http.createServer((_request, response) => {
    if (!silent) response.end('ok')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(stop)
  const fallSilent = () => {
    silent = true
  }
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stop, fallSilent }
}

test('without a single call an endpoint that refuses is out of Envoy within 5 s, and a silent one within 7, with one that refuses then, too', async () => {
  const pool = await freshPool(5)
  const rows = fleet(pool)
  const servers = {
    first: await functions(),
    edge: await functions(),
    cloud: await functions(),
    hpc: await functions(),
  }
  for (const [name, { url }] of Object.entries(servers)) await rows.cluster(name, { urls: [url] })
  const home = await rows.cluster('home')
  await (await home.store.bucket('photos')).route(1, Object.keys(servers))
  const wakeups = await createWakeups(pool, () => undefined)
  onTestFinished(() => wakeups.stop())
  const ingress = { address: '127.0.0.1', port: await freePort() }
  const observer = { connected: () => undefined, disconnected: () => undefined, progress: () => undefined }
  const proxy = createRoutingProxy({
    ...{ ingress, log, observer },
    now: () => performance.now(),
    authenticate: async () => true,
  })
  onTestFinished(() => proxy.stop())
  const secrets = createDeploymentSecrets({
    secrets: createSecretBox(randomBytes(32)),
    mayAsk: { forbiddenTarget: anyTarget },
    log,
  })
  onTestFinished(() => secrets.stop())
  const feed = await startRouteFeed({ pool, wakeups, log, apply: proxy.apply, secrets })
  onTestFinished(() => feed.stop())
  const monitor = startHealthMonitor({
    ...{ pool, wakeups, log },
    probeStore: async () => ({ trouble: null, uptime: null, missing: [] }),
    probeFunctions: (deployment, signal) => probeDeployment(deployment, { signal }),
  })
  onTestFinished(() => monitor.stop())
  proxy.ready()
  const envoy = await startEnvoy({ xdsPort: (await proxy.listen({ address: '127.0.0.1', port: 0 })).port })
  const known = async () => {
    const text = await envoy.get('/clusters')
    return Object.entries(servers).flatMap(([name, { url }]) => (text.includes(new URL(url).host) ? [name] : []))
  }
  await eventually('Envoy has all', async () => (await known()).length === 4)
  await delay(500) // at some moment between two rounds of probes
  async function outAfter(fail: () => void, ...names: readonly string[]): Promise<number> {
    const failedAt = performance.now()
    fail()
    await eventually(`${names.join()}: out`, async () => !(await known()).some((name) => names.includes(name)))
    return performance.now() - failedAt
  }
  const alone = await outAfter(servers.first.stop, 'first')
  // Each round lasts as long as its slowest probe, so what refuses beside a silent one is known with that, and not before.
  const failBoth = () => {
    servers.edge.fallSilent()
    servers.cloud.stop()
  }
  const both = await outAfter(failBoth, 'edge', 'cloud')
  console.log(`refused: out after ${Math.round(alone)} ms; silent, and another refused: after ${Math.round(both)} ms`)
  expect(alone).toBeLessThan(5_000)
  expect(both).toBeLessThan(7_000)
  expect(await known()).toEqual(['hpc'])
})

test('where calls go there, an endpoint that refuses connections is tried no more within a second, and costs no call', async () => {
  const [edge, hpc] = [await startFunctions('edge'), await startFunctions('hpc')]
  const { serve, ingressPort } = await startRouting()
  const envoy = await serve([endpointOf(edge), endpointOf(hpc)], { photos: tableOf(['edge', 'hpc']) })
  const ejected = async () =>
    /^cluster\.fado\/round_robin\.outlier_detection\.ejections_active: 1$/m.test(await envoy.get('/stats'))
  const load = hammer(ingressPort, '/function/f', { bucket: 'photos', method: 'GET' }, 2)
  await eventually('both have calls', () => edge.calls > 20 && hpc.calls > 20)
  const failedAt = performance.now()
  await edge.stop()
  await eventually('it is ejected', ejected)
  const after = performance.now() - failedAt
  console.log(`refused under load: ejected after ${Math.round(after)} ms`)
  expect(after).toBeLessThan(1_000)
  const { failures } = await load.stop()
  expect(failures.length).toBeLessThanOrEqual(2) // those that were under way
})
