import { randomBytes } from 'node:crypto'
// From the tables to a real Envoy: reconciler, feed, proxy and registry together; what the mover would do is written by hand.
import { createServer } from 'node:http'
import { v7 } from 'uuid'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createRoutingProxy } from '../../proxy/routing-proxy.ts'
import { routesOfBuckets } from '../../server/db/catalogue/bucket-routes.ts'
import { findDecision } from '../../server/db/catalogue/kept-decisions.ts'
import { setOverride } from '../../server/db/catalogue/route-overrides.ts'
import { recordMasterSweep, stopMaster } from '../../server/db/copies/master.ts'
import { databaseNow } from '../../server/db/core/clock.ts'
import { createWakeups } from '../../server/db/core/notify.ts'
import { createPool } from '../../server/db/core/pool.ts'
import { writeStoreHealth } from '../../server/db/deciding/health.ts'
import { sessionName } from '../../server/db/proxies/proxy-streams.ts'
import { markBuckets } from '../../server/db/queue/dirty-buckets.ts'
import type { Health } from '../../server/domain/fleet/failback.ts'
import { anyTarget } from '../../server/forbidden-target.ts'
import { createLog } from '../../server/log.ts'
import { startBucketReconciler } from '../../server/reconcile/bucket-reconciler.ts'
import { createDeploymentSecrets } from '../../server/reconcile/deployment-secrets.ts'
import { startProxyRegistry } from '../../server/reconcile/proxy-registry.ts'
import { startRouteFeed } from '../../server/reconcile/route-feed.ts'
import { createSecretBox } from '../../server/secrets.ts'
import { startEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { freshDatabase } from '../support/postgres.ts'
import { fleet } from '../support/world/fleet.ts'

const log = createLog('silent', 'test')

async function functionServer(cluster: string): Promise<string> {
  const server = createServer((_request, response) => response.end(JSON.stringify({ cluster })))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

async function startRouting(url: string, ingressPort: number, xdsPort = 0) {
  const processId = v7()
  const pool = createPool(url, { max: 5, name: sessionName(processId), onError: () => undefined })
  const wakeups = await createWakeups(pool, () => undefined)
  const reach = { reached: () => undefined, missed: () => undefined }
  const here = { processId, controlPlane: 'here:18000', reach }
  const registry = await startProxyRegistry({ pool, log, ...here, leaseSeconds: 600 })
  const proxy = createRoutingProxy({
    ingress: { address: '127.0.0.1', port: ingressPort },
    log,
    now: () => performance.now(),
    authenticate: async () => true,
    observer: registry,
  })
  const secrets = createDeploymentSecrets({
    secrets: createSecretBox(randomBytes(32)),
    mayAsk: { forbiddenTarget: anyTarget },
    log,
  })
  const feed = await startRouteFeed({ pool, wakeups, log, apply: proxy.apply, secrets })
  proxy.ready()
  const { port } = await proxy.listen({ address: '127.0.0.1', port: xdsPort })
  const reconciler = startBucketReconciler({ pool, wakeups, log })
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= (async () => {
      await reconciler.stop()
      await feed.stop()
      proxy.stop()
      await registry.stop()
      await wakeups.stop()
      await pool.end()
    })()
    return stopped
  }
  onTestFinished(stop)
  return { pool, wakeups, xdsPort: port, stop, rows: fleet(pool) }
}
type Routing = Awaited<ReturnType<typeof startRouting>>

const state = async ({ pool }: Routing, id: string) => (await routesOfBuckets(pool, [id]))[0]?.state
const replicaRows = async ({ pool }: Routing, bucketId: string) =>
  (
    await pool.query<{ id: string; wanted: boolean; serving: boolean; storageId: string }>(
      'SELECT id, wanted, serving, storage_id AS "storageId" FROM replica WHERE bucket_id = $1',
      [bucketId],
    )
  ).rows

/** What the mover writes when a copy is complete, or gone. */
async function observe({ pool, rows }: Routing, bucketId: string, observed: 'complete' | 'absent') {
  await pool.query('UPDATE replica SET observed = $2 WHERE bucket_id = $1', [bucketId, observed])
  await rows.mark({ kind: 'ids', ids: [bucketId] })
}

describe('a route', () => {
  test('follows the copies: only complete ones serve, data goes after every proxy agreed, then the name is unknown', async () => {
    const ingress = await freePort()
    const routing = await startRouting(await freshDatabase(), ingress)
    const { pool, rows } = routing
    const call = async () => {
      const response = await fetch(`http://127.0.0.1:${ingress}/function/f`, { headers: { 'x-fado-bucket': 'photos' } })
      await response.body?.cancel()
      return { status: response.status, by: response.headers.get('x-fado-served-by') }
    }
    /** What was decided when this answer came. */
    const whyServed = async () => {
      const { headers, body } = await fetch(`http://127.0.0.1:${ingress}/function/f`, {
        headers: { 'x-fado-bucket': 'photos' },
      })
      await body?.cancel()
      const tableId = String(headers.get('x-fado-decision')).split(';')[0] ?? ''
      return (await findDecision(pool, { tableId, bucket: 'photos', at: null }))?.kept.clusters
    }
    const hpc = await rows.cluster('hpc', { zones: ['de'], urls: [await functionServer('hpc')] })
    const edge = await rows.cluster('edge', { zones: ['de'], urls: [await functionServer('edge')] })
    const { id } = await hpc.store.bucket('photos')
    pool.wake('endpoints')
    await rows.policy(id, 'drain_delay', 0)
    await rows.mark({ kind: 'ids', ids: [id] }, { intent: true })
    expect(await state(routing, id)).toBe('PENDING')

    await startEnvoy({ xdsPort: routing.xdsPort })
    await eventually('the route is in force', async () => (await state(routing, id)) === 'SERVING')
    expect(await call()).toEqual({ status: 200, by: 'hpc' })

    await rows.policy(id, 'target_replica_count', 1)
    await rows.mark({ kind: 'ids', ids: [id] }, { intent: true })
    const copy = await eventually('a copy is wanted', async () => (await replicaRows(routing, id))[0])
    expect(copy).toMatchObject({ wanted: true, serving: false, storageId: edge.store.id })
    await eventually('decided', async () => (await state(routing, id)) === 'SERVING')
    expect(await whyServed()).toMatchObject([{ cluster: 'edge', reasons: [{ code: 'NOT_COMPLETE' }] }, { reasons: [] }])
    for (let i = 0; i < 6; i++) expect((await call()).by).toBe('hpc')

    await observe(routing, id, 'complete')
    await eventually('the complete copy serves', async () => (await call()).by === 'edge')

    await rows.policy(id, 'target_replica_count', 0)
    await rows.mark({ kind: 'ids', ids: [id] }, { intent: true, narrowing: true })
    await eventually('the eviction is ordered', async () => {
      const { rows: tasks } = await pool.query<{ kind: string }>(
        'SELECT kind FROM replica_task WHERE storage_id = $1',
        [edge.store.id],
      )
      return tasks[0]?.kind === 'evict'
    })
    for (let i = 0; i < 6; i++) expect((await call()).by).toBe('hpc')
    await observe(routing, id, 'absent')
    await eventually('the replica is forgotten', async () => (await replicaRows(routing, id)).length === 0)

    await pool.query(`UPDATE bucket SET state = 'deleting' WHERE id = $1`, [id])
    await rows.mark({ kind: 'ids', ids: [id] }, { intent: true })
    await eventually('the name is unknown to Envoy', async () => (await call()).status === 404)
    await eventually("the master's part is ordered", async () => {
      const { rows: tasks } = await pool.query<{ kind: string }>(
        'SELECT kind FROM replica_task WHERE storage_id = $1',
        [hpc.store.id],
      )
      return tasks[0]?.kind === 'master_delete'
    })
    await pool.query('UPDATE bucket SET master_done = true WHERE id = $1', [id])
    await rows.mark({ kind: 'ids', ids: [id] })
    await eventually('nothing of it is left', async () => {
      const { rows: left } = await pool.query<{ n: number }>(
        'SELECT (SELECT count(*) FROM bucket)::int + (SELECT count(*) FROM route)::int AS n',
      )
      return left[0]?.n === 0
    })
  })

  test('is not withdrawn from the data while a proxy that counts has not agreed, connected or not', async () => {
    const ingress = await freePort()
    const url = await freshDatabase()
    const routing = await startRouting(url, ingress)
    const { pool, rows } = routing
    const hpc = await rows.cluster('hpc', { urls: [await functionServer('hpc')] })
    const edge = await rows.cluster('edge', { urls: [await functionServer('edge')] })
    const { id } = await hpc.store.bucket('photos')
    pool.wake('endpoints')
    await rows.policy(id, 'drain_delay', 0)
    await rows.policy(id, 'target_replica_count', 1)
    await rows.mark({ kind: 'all' }, { intent: true })
    await eventually('a copy is wanted', async () => (await replicaRows(routing, id))[0])
    await observe(routing, id, 'complete')
    const envoy = await startEnvoy({ xdsPort: routing.xdsPort })
    await eventually('both serve', async () => (await state(routing, id)) === 'SERVING')

    await envoy.kill()
    await eventually('no proxy is connected', async () => (await state(routing, id)) === 'PENDING')
    await rows.policy(id, 'target_replica_count', 0)
    await rows.mark({ kind: 'all' }, { intent: true })
    await eventually('the copy is withdrawn', async () => (await replicaRows(routing, id))[0]?.wanted === false)
    const withdrawnAt = async () => {
      const { rows: found } = await pool.query<{ at: Date | null }>('SELECT withdrawn_at AS at FROM replica')
      return found[0]?.at ?? null
    }
    await pool.query(`UPDATE dirty_bucket SET not_before = now()`)
    pool.wake('bucket')
    await eventually('it was decided again', async () => {
      const { rows: due } = await pool.query<{ due: boolean }>('SELECT not_before <= now() AS due FROM dirty_bucket')
      return due[0]?.due === false
    })
    expect(await withdrawnAt()).toBe(null)

    // Its lease runs out: from now on nobody routes by the old table.
    await pool.query('UPDATE proxy_stream SET lease_until = now()')
    await eventually('the proxy counts no more, the data may go', withdrawnAt)
    await eventually('the eviction is ordered', async () => {
      const { rows: tasks } = await pool.query<{ kind: string }>(
        'SELECT kind FROM replica_task WHERE storage_id = $1',
        [edge.store.id],
      )
      return tasks[0]?.kind === 'evict'
    })
  })

  test('leaves out a store that is coming back while another copy serves, and leads there at once while none does', async () => {
    const ingress = await freePort()
    const routing = await startRouting(await freshDatabase(), ingress)
    const { pool, rows } = routing
    const hpc = await rows.cluster('hpc', { urls: [await functionServer('hpc')] })
    const edge = await rows.cluster('edge', { urls: [await functionServer('edge')] })
    const { id } = await hpc.store.bucket('photos')
    pool.wake('endpoints')
    await rows.policy(id, 'target_replica_count', 1)
    await rows.mark({ kind: 'all' }, { intent: true })
    await eventually('a copy is wanted', async () => (await replicaRows(routing, id))[0])
    await observe(routing, id, 'complete')
    await startEnvoy({ xdsPort: routing.xdsPort })
    await eventually('both serve', async () => (await state(routing, id)) === 'SERVING')
    const becomes = (store: { readonly id: string }, health: Health) =>
      pool.transaction(async (tx) => {
        await writeStoreHealth(tx, store.id, { health, anew: false, cause: null, detail: null })
        await markBuckets(tx, { kind: 'storage', storageId: store.id })
      })
    const calls = async () => {
      const by = new Set<string>()
      for (let n = 0; n < 8; n++) {
        const url = `http://127.0.0.1:${ingress}/function/f`
        const response = await fetch(url, { headers: { 'x-fado-bucket': 'photos' } })
        await response.body?.cancel()
        by.add(response.headers.get('x-fado-served-by') ?? String(response.status))
      }
      return [...by].sort().join()
    }
    const served = (by: string) => eventually(`${by} serve`, async () => (await calls()) === by)
    await served('edge,hpc')
    await becomes(edge.store, 'unhealthy')
    await served('hpc')
    await becomes(edge.store, 'returning')
    const decided = async () =>
      (await pool.query('SELECT 1 FROM dirty_bucket WHERE not_before <= now()')).rowCount === 0
    await eventually('that is decided', decided)
    expect(await calls()).toBe('hpc')
    await becomes(hpc.store, 'unhealthy')
    await served('edge')
    await becomes(hpc.store, 'healthy')
    await served('edge,hpc') // what serves stays
    await becomes(edge.store, 'healthy')
    await eventually('that is decided', decided)
    expect(await calls()).toBe('edge,hpc')
  })

  test('leads to no master that is stopped: copies go on serving, and where there is none calls get 503', async () => {
    const ingress = await freePort()
    const routing = await startRouting(await freshDatabase(), ingress)
    const { pool, rows } = routing
    const call = async (bucket: string) => {
      const response = await fetch(`http://127.0.0.1:${ingress}/function/f`, { headers: { 'x-fado-bucket': bucket } })
      await response.body?.cancel()
      return response.headers.get('x-fado-served-by') ?? response.status
    }
    const hpc = await rows.cluster('hpc', { urls: [await functionServer('hpc')] })
    const edge = await rows.cluster('edge', { urls: [await functionServer('edge')] })
    const copied = await hpc.store.bucket('copied')
    const alone = await hpc.store.bucket('alone')
    await rows.policy(copied.id, 'target_replica_count', 1)
    await copied.replica(edge.store)
    pool.wake('endpoints')
    await rows.mark({ kind: 'all' })
    await startEnvoy({ xdsPort: routing.xdsPort })
    for (const { id } of [copied, alone])
      await eventually('the route is in force', async () => (await state(routing, id)) === 'SERVING')
    const answers = async (bucket: string) => new Set(await Promise.all(Array.from({ length: 8 }, () => call(bucket))))
    expect(await answers('copied')).toEqual(new Set(['hpc', 'edge']))

    await pool.transaction((tx) => stopMaster(tx, copied.id, 'replaced'))
    await pool.transaction((tx) => stopMaster(tx, alone.id, 'missing'))
    await eventually('nobody can serve', async () => (await state(routing, alone.id)) === 'UNROUTABLE')
    await eventually('the copy alone serves', async () => {
      const [route] = await routesOfBuckets(pool, [copied.id])
      return route?.state === 'SERVING' && route.upstreams.length === 1
    })
    expect(await answers('copied')).toEqual(new Set(['edge']))
    expect(await answers('alone')).toEqual(new Set([503]))
    const { rows: why } = await pool.query<{ code: string }>(
      `SELECT placement_reasons -> 0 ->> 'code' AS code FROM bucket ORDER BY name`,
    )
    expect(why.map(({ code }) => code)).toEqual(['MASTER_MISSING', 'MASTER_REPLACED'])

    const startedAt = (await databaseNow(pool)) + 1_000
    for (const { id } of [copied, alone]) {
      await pool.transaction((tx) => recordMasterSweep(tx, id, { startedAt, createdOn: null }))
      await eventually('it is back', async () => {
        const [route] = await routesOfBuckets(pool, [id])
        return route?.state === 'SERVING' && route.upstreams.some(({ clusterId }) => clusterId === hpc.id)
      })
    }
    expect(await answers('alone')).toEqual(new Set(['hpc']))
  })

  test('asks clusters in order with FIRST: the master, copies by replica_locations; an override has its own', async () => {
    const ingress = await freePort()
    const routing = await startRouting(await freshDatabase(), ingress)
    const { pool, rows } = routing
    const [hpc, edge, cloud] = await Promise.all(
      ['hpc', 'edge', 'cloud'].map(async (name) => rows.cluster(name, { urls: [await functionServer(name)] })),
    )
    if (!hpc || !edge || !cloud) throw new Error('no clusters')
    const bucket = await hpc.store.bucket('photos')
    await rows.policy(bucket.id, 'replica_locations', ['edge', 'cloud'])
    await rows.policy(bucket.id, 'lb_policy', 'first')
    for (const { store } of [edge, cloud]) await bucket.replica(store)
    pool.wake('endpoints')
    await rows.mark({ kind: 'all' })
    await startEnvoy({ xdsPort: routing.xdsPort })
    const names = new Map([hpc, edge, cloud].map(({ id, name }) => [id, name]))
    const serving = (...order: string[]) =>
      eventually(`${order} serve`, async () => {
        const [route] = await routesOfBuckets(pool, [bucket.id])
        const found = route?.upstreams.map(({ clusterId }) => names.get(clusterId))
        return route?.state === 'SERVING' && route.lbPolicy === 'first' && String(found) === String(order)
      })
    const served = async () => {
      const call = () => fetch(`http://127.0.0.1:${ingress}/function/f`, { headers: { 'x-fado-bucket': 'photos' } })
      const answers = await Promise.all(Array.from({ length: 8 }, call))
      return new Set(answers.map(({ headers }) => headers.get('x-fado-served-by')))
    }
    await serving('hpc', 'edge', 'cloud')
    expect(await served()).toEqual(new Set(['hpc']))
    await setOverride(pool, bucket.id, { lbPolicy: null, clusters: ['cloud', 'hpc'] })
    await rows.mark({ kind: 'all' }, { intent: true })
    await serving('cloud', 'hpc')
    expect(await served()).toEqual(new Set(['cloud']))
  })

  test('deciding again writes nothing', async () => {
    const routing = await startRouting(await freshDatabase(), await freePort())
    const { pool, rows } = routing
    const hpc = await rows.cluster('hpc', { urls: [await functionServer('hpc')] })
    await rows.cluster('edge')
    const { id } = await hpc.store.bucket('photos')
    await rows.policy(id, 'target_replica_count', 1)
    const decided = () =>
      eventually('decided', async () => {
        const { rows: left } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM dirty_bucket')
        return left[0]?.n === 0
      })
    await rows.mark({ kind: 'all' })
    await decided()
    await observe(routing, id, 'complete')
    await decided()
    const snapshot = async () =>
      (
        await pool.query<{ t: string }>(
          `SELECT jsonb_build_array((SELECT jsonb_agg(b) FROM bucket b), (SELECT jsonb_agg(r) FROM replica r),
             (SELECT jsonb_agg(x) FROM route x), (SELECT jsonb_agg(t) FROM replica_task t),
             (SELECT count(*) FROM event), (SELECT jsonb_agg(f) FROM fleet f))::text AS t`,
        )
      ).rows[0]?.t
    const before = await snapshot()
    await rows.mark({ kind: 'all' })
    await decided()
    expect(await snapshot()).toBe(before)
  })
})
