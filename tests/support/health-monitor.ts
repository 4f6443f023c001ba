// A health monitor over stores and function deployments that answer as a test says.
import { onTestFinished } from 'vitest'
import { createWakeups } from '../../server/db/core/notify.ts'
import type { Pool } from '../../server/db/core/pool.ts'
import type { ProbedFunctions, ProbedStore } from '../../server/db/deciding/health.ts'
import type { ProbeTrouble } from '../../server/domain/fleet/health-cause.ts'
import { createLog } from '../../server/log.ts'
import { type FunctionProbe, type StoreProbe, startHealthMonitor } from '../../server/reconcile/health-monitor.ts'
import type { ProbeIntervals } from '../../server/reconcile/probe-rounds.ts'
import { freshPool } from './fresh-pool.ts'
import { fleet, fromNow, type TestCluster } from './world/fleet.ts'

export const well: StoreProbe = { trouble: null, uptime: null, missing: [] }
export const silent: ProbeTrouble = { cause: 'SILENT', detail: 'It cannot be reached: no answer', away: false }
export const refused: ProbeTrouble = { cause: 'UNREACHABLE', detail: 'It cannot be reached: refused', away: true }
export const keyRefused: ProbeTrouble = { cause: 'KEY_REFUSED', detail: 'It refuses the key', away: false }
export const ill = (trouble: ProbeTrouble): StoreProbe => ({ ...well, trouble })

/** Stores named edge, or edge-1 and so on, and their function deployments. */
export async function monitor(
  intervals: ProbeIntervals,
  probeStore: (store: ProbedStore) => Promise<StoreProbe>,
  {
    stores = 1,
    probeFunctions = async () => ({ trouble: null, addresses: [] }),
    now = () => performance.now(),
    failbackAfter = 0,
    random = Math.random,
  }: {
    random?: () => number
    failbackAfter?: number
    stores?: number
    probeFunctions?: (deployment: ProbedFunctions) => Promise<FunctionProbe>
    now?: () => number
  } = {},
) {
  const pool = await freshPool(3)
  const wakeups = await createWakeups(pool, () => undefined)
  onTestFinished(() => wakeups.stop())
  const names = stores === 1 ? ['edge'] : Array.from({ length: stores }, (_, n) => `edge-${n + 1}`)
  const world = fleet(pool)
  await world.policy(null, 'failback_after', failbackAfter)
  const clusters: TestCluster[] = []
  for (const name of names) clusters.push(await world.cluster(name))
  const [edge] = clusters
  if (edge === undefined) throw new Error('no store')
  const start = () => {
    const running = startHealthMonitor({
      pool,
      wakeups,
      log: createLog('silent', 'test'),
      probeStore,
      probeFunctions,
      intervals,
      now,
      random,
    })
    onTestFinished(() => running.stop())
    return running
  }
  const running = start()
  type Row = { name: string; health: string; cause: string | null; detail: string | null }
  const rows = async () =>
    (
      await pool.query<Row>(
        'SELECT name, health, health_cause AS cause, health_detail AS detail FROM storage_deployment ORDER BY name',
      )
    ).rows
  const health = async () => (await rows())[0]?.health
  return { health, rows, wakeups, pool, running, start, world, edge }
}

/** A bucket of the store whose next look at its master is an hour away. */
export async function masterOn({ pool, edge }: { pool: Pool; edge: TestCluster }) {
  const bucket = await edge.store.bucket('photos')
  await bucket.task('master_sweep', { notBefore: fromNow(3600) })
  return async () =>
    (
      await pool.query<{ due: boolean; resubscribe: boolean }>(
        'SELECT not_before <= now() AS due, resubscribe > 0 AS resubscribe FROM replica_task',
      )
    ).rows[0]
}
