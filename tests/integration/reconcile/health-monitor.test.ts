import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createWakeups } from '../../../server/db/notify.ts'
import { createPool } from '../../../server/db/pool.ts'
import { createLog } from '../../../server/log.ts'
import { type ProbeIntervals, type StoreProbe, startHealthMonitor } from '../../../server/reconcile/health-monitor.ts'
import { catalogue } from '../../support/catalogue.ts'
import { eventually } from '../../support/eventually.ts'
import { freshDatabase } from '../../support/postgres.ts'

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
  return { health, wakeups }
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
