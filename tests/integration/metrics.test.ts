// /metrics of a control plane and its mover under work, beside what is counted by hand: in the database, in the stores, by
// the stores' and Envoy's own figures.
import { expect, onTestFinished, test } from 'vitest'
import { createPool } from '../../server/db/core/pool.ts'
import type { StorageDriver } from '../../server/storage/storage-driver.ts'
import { startEnvoy } from '../support/envoy.ts'
import { eventually } from '../support/eventually.ts'
import { startMinio } from '../support/minio.ts'
import { driverOf } from '../support/minio-driver.ts'
import { freshDatabase } from '../support/postgres.ts'
import { startFunctions } from '../support/routing.ts'
import { runServe, serveToken } from '../support/run-serve.ts'
import { scrape } from '../support/scrape.ts'

type Fado = Awaited<ReturnType<typeof runServe>>

async function mutate(fado: Fado, name: string, input: Readonly<Record<string, unknown>>, fields = '__typename') {
  const type = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`
  const answer = await fado.ask(
    `mutation ($input: ${type}Input!) { ${name}(input: $input) {
       __typename ... on ${type}Payload { ${fields} } ... on UserError { message } } }`,
    { input },
  )
  if (answer[name].__typename !== `${type}Payload`) throw new Error(answer[name].message)
  return answer[name]
}

const tokenOf = async (fado: Fado, role: string): Promise<string> =>
  (await mutate(fado, 'tokenCreate', { name: role, role }, 'secret')).secret

/** A cluster whose store tells FaDO of what happens in it. */
async function addCluster(fado: Fado, name: string, token: string) {
  const minio = await startMinio({ webhook: { url: `${fado.url}/api/notify`, token } })
  onTestFinished(() => minio.stop())
  await mutate(fado, 'clusterCreate', { name, zones: ['eu'] })
  const { endpoint, accessKey, secretKey } = minio
  await mutate(fado, 'storageDeploymentAdd', { cluster: name, name, endpoint, accessKey, secretKey })
  const driver = driverOf(endpoint)
  onTestFinished(() => driver.close())
  return { minio, driver }
}

const put = (driver: StorageDriver, key: string, size: number) =>
  driver.put('photos', key, { body: Buffer.alloc(size, key), size, metadata: {} })

async function sizes(driver: StorageDriver): Promise<{ readonly count: number; readonly bytes: number }> {
  let [count, bytes] = [0, 0]
  for await (const page of driver.list('photos'))
    for (const { size } of page) {
      count++
      bytes += size
    }
  return { count, bytes }
}

test('what is told is what was done', async () => {
  const database = await freshDatabase()
  const pool = createPool(database, { max: 1, name: 'test', onError: () => undefined })
  onTestFinished(() => pool.end())
  const one = async (sql: string): Promise<number> => (await pool.query<{ n: number }>(sql)).rows[0]?.n ?? Number.NaN
  const blocker = await startFunctions('blocker')
  const fado = await runServe(database, { FADO_INGRESS_PORT: `${blocker.port}` })
  const control = () => scrape(`${fado.url}/metrics`)
  const mover = () => scrape(`${fado.moverUrl}/metrics`)
  const notify = await tokenOf(fado, 'NOTIFY')
  const proxyToken = await tokenOf(fado, 'PROXY')
  const envoy = await startEnvoy({ xdsPort: fado.xdsPort, token: proxyToken })
  const [hpc, edge] = [await addCluster(fado, 'hpc', notify), await addCluster(fado, 'edge', notify)]
  const policies = [{ name: 'target_replica_count', value: 1 }]
  await mutate(fado, 'bucketCreate', { name: 'photos', storageDeployment: 'hpc', policies })

  const idle = () =>
    eventually(
      'nobody works any more',
      async () => {
        const busy = `SELECT (SELECT count(*) FROM dirty_object) + (SELECT count(*) FROM dirty_bucket WHERE not_before <= now())
        + (SELECT count(*) FROM replica_task WHERE lease_owner IS NOT NULL OR kind = 'first_sync') AS n`
        return (await one(busy)) === 0 && (await one('SELECT count(*) AS n FROM replica')) === 1
      },
      40,
    )
  const told = (events: number) =>
    eventually(
      `${events} events came`,
      async () => (await control()).sum('fado_store_events_total', { outcome: 'taken' }) >= events,
    )

  // Copies, by the journal, by the stores' listings, and by what was written here.
  await idle()
  const first = Array.from({ length: 30 }, (_, i) => ({ key: `k${i}`, size: 10 + i * 100 }))
  for (const { key, size } of first) await put(hpc.driver, key, size)
  await told(30)
  await idle()
  const link = { source: 'hpc', target: 'edge' }
  const copied = { ...link, outcome: 'copied' }
  const afterFirst = await mover()
  const seen = await sizes(edge.driver)
  expect(seen.count).toBe(30)
  expect(afterFirst.sum('fado_copies_total', copied)).toBe(
    await one(`SELECT count(*) AS n FROM replica_object WHERE state = 'there'`),
  )
  expect(afterFirst.sum('fado_copied_bytes_total', copied)).toBe(seen.bytes)
  expect(afterFirst.sum('fado_copies_total')).toBe(30)
  expect(afterFirst.sum('fado_copy_duration_seconds_count', { target: 'edge' })).toBe(30)

  const changed = first.slice(0, 5).map(({ key, size }) => ({ key, size: size + 7 }))
  for (const { key, size } of changed) await put(hpc.driver, key, size)
  for (const { key } of first.slice(10, 14)) await hpc.driver.delete('photos', key)
  await told(39)
  await idle()
  const afterSecond = await mover()
  expect(await sizes(edge.driver)).toEqual(await sizes(hpc.driver))
  expect(afterSecond.sum('fado_copies_total', copied)).toBe(35)
  expect(afterSecond.sum('fado_copied_bytes_total', copied)).toBe(
    seen.bytes + changed.reduce((n, { size }) => n + size, 0),
  )
  expect(afterSecond.sum('fado_deletes_total', { store: 'edge' })).toBe(4)

  // Events: as many as were caused; posts without a right token are refused.
  for (let i = 0; i < 3; i++)
    await fetch(`${fado.url}/api/notify`, { method: 'POST', body: '{}', headers: { authorization: 'Bearer wrong' } })
  const events = await control()
  expect(events.sum('fado_store_events_total', { outcome: 'taken' })).toBe(39)
  expect(events.sum('fado_store_event_deliveries_total', { outcome: 'refused' })).toBe(3)
  expect(events.sum('fado_store_events_total', { outcome: 'dropped' })).toBe(0)

  // Decisions: each is counted once with its time, and says what stands.
  const decisions = events.sum('fado_decisions_total')
  expect(decisions).toBeGreaterThan(1)
  expect(events.sum('fado_decisions_total', { outcome: 'failed' })).toBe(0)
  expect(events.sum('fado_decision_duration_seconds_count')).toBe(decisions)

  // Envoy's own figures: what it took and what it refused (the listener, for its port is taken).
  await eventually(
    'one Envoy is connected',
    async () => (await control()).sum('fado_proxies', { state: 'connected' }) === 1,
  )
  await eventually('as many ACKs and NACKs as Envoy counts', async () => {
    const stats = await envoy.get('/stats')
    const stat = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(stats)?.[1])
    const now = await control()
    const acks = (type: string) => now.sum('fado_xds_ack_latency_seconds_count', { type })
    const nacks = now.sum('fado_xds_nacks_total')
    if (nacks === 0 || acks('cluster') === 0) return false
    const pairs = [
      [nacks, stat('listener_manager.lds.update_rejected')],
      [acks('listener'), stat('listener_manager.lds.update_success')],
      [acks('cluster'), stat('cluster_manager.cds.update_success')],
    ]
    if (pairs.some(([ours, theirs]) => ours !== theirs)) throw new Error(JSON.stringify(pairs))
    return true
  })

  // Sweeps: what no event tells of is found by the next one.
  for (const key of ['k20', 'k21']) await edge.driver.delete('photos', key)
  await mutate(fado, 'replicaResync', { bucket: 'photos', storageDeployment: 'edge' })
  const swept = await eventually('both are found and copied again', async () => {
    const now = await mover()
    return now.sum('fado_copies_total', copied) === 37 ? now : null
  })
  expect(await sizes(edge.driver)).toEqual(await sizes(hpc.driver))
  expect(swept.sum('fado_sweep_found_keys_total', { kind: 'sweep' })).toBe(2)
  expect(swept.sum('fado_sweep_found_keys_total', { kind: 'master_sweep' })).toBe(0)
  await idle()
  expect(swept.sum('fado_tasks_total', { kind: 'first_sync', outcome: 'done' })).toBe(1)

  // The backlog, while a store is away.
  await edge.minio.kill9()
  for (let i = 0; i < 7; i++) await put(hpc.driver, `late${i}`, 1_000)
  await told(46)
  const waiting = { store: 'edge', kind: 'copy' }
  const late = await eventually('seven keys wait, and the store is down', async () => {
    const now = await control()
    return now.sum('fado_dirty_keys', waiting) === 7 && now.sum('fado_store_up', { store: 'edge' }) === 0 ? now : null
  })
  expect(
    await one(
      `SELECT count(*) AS n FROM dirty_object d JOIN bucket b ON b.id = d.bucket_id AND b.master_storage_id <> d.storage_id`,
    ),
  ).toBe(7)
  expect(late.sum('fado_backlog_keys', { store: 'edge' })).toBe(7)
  expect(late.sum('fado_backlog_keys', { store: 'edge', age: 'more' })).toBe(0)
  const before = late.sum('fado_replica_lag_seconds', { bucket: 'photos', store: 'edge' })
  const real = await one('SELECT extract(epoch FROM now() - min(since))::float8 AS n FROM dirty_object')
  expect(before).toBeGreaterThan(0)
  expect(before).toBeLessThanOrEqual(real)
  expect(real - before).toBeLessThan(10)
  expect(late.sum('fado_dirty_key_oldest_age_seconds', waiting)).toBe(before)
  expect(late.sum('fado_store_up', { store: 'hpc' })).toBe(1)
  await edge.minio.restart()
  await idle()
  await eventually('nothing waits', async () => {
    const now = await control()
    return (
      now.sum('fado_dirty_keys') === 0 &&
      now.sum('fado_replica_lag_seconds') === 0 &&
      now.sum('fado_backlog_keys') === 0
    )
  })
  expect((await mover()).sum('fado_copies_total', copied)).toBe(44)

  // No secret is in any of it, and the mover says like the control plane whether it can work.
  for (const { text } of [await control(), await mover()])
    for (const secret of [serveToken, notify, proxyToken, edge.minio.secretKey, database])
      expect(text).not.toContain(secret)
  expect(await (await fetch(`${fado.moverUrl}/readyz`)).text()).toBe('ready\n')
  expect((await fetch(`${fado.moverUrl}/healthz`)).status).toBe(200)
  expect((await fetch(fado.moverUrl)).status).toBe(404)
}, 300_000)
