import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createWakeups } from '../../../server/db/core/notify.ts'
import { createPool } from '../../../server/db/core/pool.ts'
import { createLog } from '../../../server/log.ts'
import { type ProbeIntervals, type StoreProbe, startHealthMonitor } from '../../../server/reconcile/health-monitor.ts'
import { catalogue } from '../../support/catalogue.ts'
import { eventually } from '../../support/eventually.ts'
import { freshDatabase } from '../../support/postgres.ts'

const well: StoreProbe = { ok: true, detail: null, interrupted: false }

async function monitor(intervals: ProbeIntervals, probeStore: () => Promise<StoreProbe>) {
  const pool = createPool(await freshDatabase(), { max: 3, onError: () => undefined })
  onTestFinished(() => pool.end())
  const wakeups = await createWakeups(pool, () => undefined)
  onTestFinished(() => wakeups.stop())
  await catalogue(pool).cluster('edge')
  const running = startHealthMonitor({
    pool,
    wakeups,
    log: createLog('silent', 'test'),
    probeStore,
    probeFunctions: async () => ({ ok: true, detail: null, address: null }),
    intervals,
  })
  onTestFinished(() => running.stop())
  const health = async () =>
    (await pool.query<{ health: string }>('SELECT health FROM storage_deployment')).rows[0]?.health
  return { health, wakeups, pool }
}

test('while a store is silent it is asked again as soon as it has missed, so three misses take three time-outs', async () => {
  const timeoutMs = 500
  let endedAt = 0
  const pauses: number[] = []
  const { health } = await monitor({ calm: 60, suspicious: timeoutMs / 1000 }, async () => {
    if (endedAt > 0) pauses.push(performance.now() - endedAt)
    await delay(timeoutMs)
    endedAt = performance.now()
    return { ok: false, detail: 'No answer', interrupted: false }
  })
  await eventually('it is down', async () => (await health()) === 'unhealthy')
  expect(pauses).toHaveLength(2)
  expect(Math.max(...pauses)).toBeLessThan(timeoutMs * 0.8)
})

test('what a mover meets is probed at once', async () => {
  let ok = true
  let probes = 0
  const { health, wakeups } = await monitor({ calm: 60, suspicious: 0.01 }, async () => {
    probes++
    return { ok, detail: null, interrupted: false }
  })
  await eventually('it was probed', () => probes === 1)
  ok = false
  wakeups.wake('store')
  await eventually('it is down', async () => (await health()) === 'unhealthy', 5)
})

test.each<[string, StoreProbe[]]>([
  ['whose connection was gone', [{ ok: true, detail: null, interrupted: true }]],
  [
    'that was down',
    [...Array.from({ length: 3 }, () => ({ ok: false, detail: 'No answer', interrupted: false })), well],
  ],
])('a store %s is looked at again at once, its subscriptions written anew', async (_, answers) => {
  const probes = [...answers]
  const { pool, health } = await monitor({ calm: 0.3, suspicious: 0.01 }, async () => {
    const { rows } = await pool.query('SELECT 1 FROM replica_task')
    return rows.length === 0 ? well : (probes.shift() ?? well)
  })
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM storage_deployment')
  const bucket = await catalogue(pool).bucket('photos', { id: '', name: 'edge', storageId: rows[0]?.id ?? '' })
  const task = async () =>
    (
      await pool.query<{ due: boolean; resubscribe: boolean }>(
        'SELECT not_before <= now() AS due, resubscribe FROM replica_task',
      )
    ).rows[0]
  await pool.query(
    `INSERT INTO replica_task (bucket_id, storage_id, kind, not_before) VALUES ($1, $2, 'master_sweep', now() + interval '1 hour')`,
    [bucket, rows[0]?.id],
  )
  await eventually('it is due', async () => (await task())?.due)
  expect(await task()).toEqual({ due: true, resubscribe: true })
  await eventually('it is well', async () => (await health()) === 'healthy')
})
