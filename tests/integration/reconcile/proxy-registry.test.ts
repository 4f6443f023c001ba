import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { listProxies } from '../../../server/db/catalogue/proxies.ts'
import { deadlines } from '../../../server/db/core/deadlines.ts'
import { createPool, type Pool } from '../../../server/db/core/pool.ts'
import { openStream, sessionName } from '../../../server/db/proxies/proxy-streams.ts'
import { createLog, type Log } from '../../../server/log.ts'
import { createDatabaseReach } from '../../../server/reconcile/database-reach.ts'
import { startProxyRegistry } from '../../../server/reconcile/proxy-registry.ts'
import { eventually } from '../../support/eventually.ts'
import { freshDatabase } from '../../support/postgres.ts'
import { portOf, startTcpProxy, through } from '../../support/tcp-proxy.ts'
import { fleet, fromNow } from '../../support/world/fleet.ts'

async function startRegistry(database: string, log = createLog('silent', 'test'), controlPlane = 'here:18000') {
  const processId = randomUUID()
  const pool = createPool(database, { max: 3, name: sessionName(processId), onError: () => undefined })
  const reach = { reached: () => undefined, missed: () => undefined }
  const registry = await startProxyRegistry({ pool, log, processId, controlPlane, leaseSeconds: 600, reach })
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= registry.stop().then(() => pool.end())
    return stopped
  }
  onTestFinished(stop)
  return { registry, pool, stop }
}

test('the lease of a proxy that is gone goes on where it was when the control plane starts again', async () => {
  const database = await freshDatabase()
  const first = await startRegistry(database)
  const streamId = randomUUID()
  first.registry.connected({ streamId, nodeId: 'edge-1', envoyVersion: '1.40.0', at: performance.now() })
  first.registry.disconnected({ streamId })
  const left = async (pool: Pool) => {
    const { rows } = await pool.query<{ left: number }>(
      `SELECT extract(epoch FROM lease_until - now())::float8 AS left FROM proxy_stream WHERE closed_at IS NOT NULL`,
    )
    return rows[0]?.left
  }
  await eventually('its end is written', () => left(first.pool))
  await first.pool.query(`UPDATE proxy_stream SET lease_until = now() + interval '100 s'`)
  await first.stop()
  const second = await startRegistry(database)
  expect(await left(second.pool)).toBeGreaterThan(90)
  expect(await left(second.pool)).toBeLessThan(110)
})

test('an Envoy is connected to the control plane that serves it now', async () => {
  const database = await freshDatabase()
  const log = createLog('silent', 'test')
  const [a, b] = [await startRegistry(database, log, 'a:18000'), await startRegistry(database, log, 'b:18000')]
  const isTo = (controlPlane: string | null) =>
    eventually(`it is connected to ${controlPlane}`, async () => {
      const [proxy] = await listProxies(a.pool)
      return proxy?.controlPlane === controlPlane
    })
  for (const { registry, name } of [
    { ...a, name: 'a:18000' },
    { ...b, name: 'b:18000' },
  ]) {
    const streamId = randomUUID()
    registry.connected({ streamId, nodeId: 'edge-1', envoyVersion: '1.40.0', at: performance.now() })
    await isTo(name)
    registry.disconnected({ streamId })
    await isTo(null)
  }
})

test('a stream that has news all the time is kept open like any other', async () => {
  const { registry, pool } = await startRegistry(await freshDatabase())
  const streamId = randomUUID()
  registry.connected({ streamId, nodeId: 'edge-1', envoyVersion: '1.40.0', at: performance.now() })
  const row = async () => {
    const { rows } = await pool.query<{ kept: string; acked: number }>(
      'SELECT heartbeat_at::text AS kept, acked_through AS acked FROM proxy_stream WHERE closed_at IS NULL',
    )
    return rows[0]
  }
  const opened = await eventually('it is written', row)
  let ackedThrough = 0
  const acks = setInterval(() => registry.progress({ streamId, ackedThrough: ++ackedThrough, exceptions: [] }), 5)
  onTestFinished(() => clearInterval(acks))
  const later = await eventually('it was kept', async () => {
    const now = await row()
    return now?.kept === opened.kept ? undefined : now
  })
  expect(later.acked).toBeGreaterThan(0)
})

test('what waits for the proxies is decided as soon as one has ACKed, not when it would be looked at anyway', async () => {
  const { registry, pool } = await startRegistry(await freshDatabase())
  const streamId = randomUUID()
  registry.connected({ streamId, nodeId: 'edge-1', envoyVersion: '1.40.0', at: performance.now() })
  const { store } = await fleet(pool).cluster('hpc')
  const bucket = await store.bucket('photos', { state: 'deleting' })
  await bucket.dirty({ notBefore: fromNow(3600) })
  let woken = 0
  onTestFinished(pool.onWake((topic) => void (topic === 'bucket' && woken++)))
  registry.progress({ streamId, ackedThrough: 1, exceptions: [] })
  await eventually('reconcilers are woken', () => woken > 0)
  const { rows } = await pool.query<{ due: boolean }>('SELECT not_before <= now() AS due FROM dirty_bucket')
  expect(rows).toEqual([{ due: true }])
})

test('what another process left when it was killed is closed, and forgotten once its lease is over', async () => {
  const { pool } = await startRegistry(await freshDatabase())
  const left = { streamId: randomUUID(), nodeId: 'edge-1', envoyVersion: null }
  await pool.transaction((tx) => openStream(tx, randomUUID(), left))
  const closed = () => pool.query('SELECT 1 FROM proxy_stream WHERE closed_at IS NOT NULL')
  await eventually('it is closed', async () => (await closed()).rows.length === 1)
  await pool.query(`UPDATE proxy_stream SET lease_until = now() - interval '1 ms'`)
  await eventually('it is forgotten', async () => (await pool.query('SELECT 1 FROM proxy_node')).rows.length === 0)
})

test('a stream is as old as it is, also where it is written late', async () => {
  const { registry, pool } = await startRegistry(await freshDatabase())
  registry.connected({ streamId: randomUUID(), nodeId: 'edge-1', envoyVersion: null, at: performance.now() - 60_000 })
  const age = await eventually('it is written', async () => {
    const { rows } = await pool.query<{ age: number }>(
      'SELECT extract(epoch FROM now() - connected_since)::float8 AS age FROM proxy_stream',
    )
    return rows[0]?.age
  })
  expect(age).toBeGreaterThanOrEqual(60)
  expect(age).toBeLessThan(70)
})

const acked = async (pool: Pool) =>
  (await pool.query<{ acked: number }>('SELECT acked_through::float8 AS acked FROM proxy_stream')).rows[0]?.acked

test('what is told while a report is being written wins over that report, should it fail', async () => {
  let failed = false
  const log = createLog('silent', 'test')
  log.error = () => {
    failed = true
  }
  const { registry, pool } = await startRegistry(await freshDatabase(), log)
  const streamId = randomUUID()
  registry.connected({ streamId, nodeId: 'edge-1', envoyVersion: null, at: performance.now() })
  await eventually('it is written', async () => (await acked(pool)) === 0)
  const waiting = `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
  await pool.transaction(async (tx) => {
    await tx.query('LOCK TABLE proxy_exception')
    registry.progress({ streamId, ackedThrough: 1, exceptions: [] })
    await eventually('it waits', async () => (await pool.query(waiting)).rows.length > 0)
    registry.progress({ streamId, ackedThrough: 2, exceptions: [] })
    await pool.query(`SELECT pg_cancel_backend(pid) FROM (${waiting}) w`)
    await eventually('it failed', () => failed)
  })
  await eventually('the last is written', async () => (await acked(pool)) === 2)
})

test('a stream that cannot be written keeps no other waiting', async () => {
  const order: string[] = []
  const log = createLog('silent', 'test')
  log.error = () => void order.push('one failed')
  const { registry, pool } = await startRegistry(await freshDatabase(), log)
  onTestFinished(pool.onWake(() => void order.push('the other is written')))
  const at = performance.now()
  registry.connected({ streamId: randomUUID(), nodeId: 'no database takes \0', envoyVersion: null, at })
  registry.connected({ streamId: randomUUID(), nodeId: 'edge-1', envoyVersion: null, at })
  await eventually('both were tried', () => order.length >= 2)
  expect(order.slice(0, 2)).toEqual(['the other is written', 'one failed'])
})

test('a stream whose row is lost is written again, with what its Envoy has', async () => {
  const { registry, pool } = await startRegistry(await freshDatabase())
  const streamId = randomUUID()
  registry.connected({ streamId, nodeId: 'edge-1', envoyVersion: null, at: performance.now() })
  registry.progress({ streamId, ackedThrough: 7, exceptions: [] })
  await eventually('it is written', async () => (await acked(pool)) === 7)
  await pool.query('DELETE FROM proxy_stream')
  await eventually('it is there again', async () => (await acked(pool)) === 7)
})

/** One stream, over a way to PostgreSQL that can be cut; it counts as lost after a second. */
async function startOverWay(times = deadlines) {
  const failures: unknown[] = []
  const log = {
    ...createLog('silent', 'test'),
    error: (failure: unknown) => void failures.push(failure),
  } as unknown as Log
  const database = await freshDatabase()
  const way = await startTcpProxy(portOf(database))
  const processId = randomUUID()
  const pool = createPool(through(database, way), { max: 2, deadlines: times, onError: () => undefined })
  const told: string[] = []
  const reach = createDatabaseReach({
    log,
    onLost() {
      told.push('lost')
      registry.disconnected({ streamId })
    },
    onBack: () => told.push('back'),
    lostAfterSeconds: 1,
  })
  const here = { processId, controlPlane: 'here:18000' }
  const registry = await startProxyRegistry({ pool, log, ...here, leaseSeconds: 600, reach })
  onTestFinished(async () => {
    await registry.stop()
    await pool.end()
  })
  const streamId = randomUUID()
  registry.connected({ streamId, nodeId: 'edge-1', envoyVersion: null, at: performance.now() })
  await eventually('it is written', async () => (await acked(pool)) === 0)
  return { registry, pool, way, told, streamId, failures }
}

const holdUp = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

test('a process that was held up for long, and lost its connections by it, does not take that for an outage', async () => {
  const { registry, pool, way, told, streamId } = await startOverWay()
  for (const ackedThrough of [7, 8]) {
    way.cut()
    holdUp(1500)
    registry.progress({ streamId, ackedThrough, exceptions: [] })
    await eventually('it reached the database again', async () => (await acked(pool).catch(() => 0)) === ackedThrough)
  }
  expect(told).toEqual([])
})

test('nor does one that was held up in an outage that was short', async () => {
  const { registry, pool, way, told, streamId, failures } = await startOverWay()
  way.freezeNew(true)
  way.cut()
  registry.progress({ streamId, ackedThrough: 7, exceptions: [] })
  await eventually('it failed', () => failures.length > 0)
  const before = failures.length
  holdUp(1500)
  way.cut()
  await eventually('it failed again', () => failures.length > before)
  way.freezeNew(false)
  await eventually('it reached the database again', async () => (await acked(pool).catch(() => 0)) === 7)
  expect(told).toEqual([])
})

test('streams end where PostgreSQL is out of reach for long, so that their Envoys go to a control plane that knows more', async () => {
  const { pool, way, told } = await startOverWay({ ...deadlines, connect: 1000, silence: 200, asking: 200 })
  const closed = async () => (await pool.query('SELECT 1 FROM proxy_stream WHERE closed_at IS NOT NULL')).rows.length
  way.freezeNew(true)
  way.freezeOpen()
  await eventually('it is given up', () => told.length > 0)
  way.freezeNew(false)
  await eventually('its end is written', async () => (await closed().catch(() => 0)) === 1)
  await eventually('it is taken again', () => told.length > 1)
  way.freezeNew(true)
  way.freezeOpen()
  await eventually('it is given up again', () => told.length > 2)
  expect(told).toEqual(['lost', 'back', 'lost'])
  way.freezeNew(false)
  await eventually('all is well', () => told.length > 3)
})
