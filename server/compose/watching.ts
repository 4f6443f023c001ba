// What one control plane of all does on the side: probes, ages, clean-up, and what a crash left half done.
import type { Wakeups } from '../db/core/notify.ts'
import type { Pool } from '../db/core/pool.ts'
import { probeDeployment } from '../faas/probe-deployment.ts'
import type { Log } from '../log.ts'
import { periodically, retention, startDuties } from '../reconcile/duties.ts'
import { startFreshnessMonitor } from '../reconcile/freshness-monitor.ts'
import { startHealthMonitor } from '../reconcile/health-monitor.ts'
import { finishCreations } from '../services/buckets/bucket-creation.ts'
import { forgetDeleted } from '../services/buckets/forget-deleted.ts'
import type { ServiceDeps } from '../services/shared/deps.ts'
import { createStoreProbes } from './probes.ts'

const unfinishedSeconds = 5

export function startWatching(deps: ServiceDeps & { pool: Pool; wakeups: Wakeups; log: Log }): {
  stop(): Promise<void>
} {
  const { pool, wakeups, log } = deps
  const probes = createStoreProbes()
  const duties = startDuties({
    pool,
    log,
    duties: [
      () =>
        startHealthMonitor({
          pool,
          wakeups,
          log,
          probeStore: probes.probe,
          probeFunctions: async (deployment, signal) => {
            const { health, detail, address } = await probeDeployment(deployment, { signal })
            return { ok: health === 'healthy', detail, address }
          },
        }),
      () => startFreshnessMonitor({ pool, wakeups, log }),
      retention(pool, log),
      periodically(log, unfinishedSeconds, 'finishing creations', () => finishCreations(deps)),
      periodically(log, unfinishedSeconds, 'forgetting what was deleted', () => forgetDeleted(deps)),
    ],
  })
  return {
    async stop() {
      await duties.stop()
      await probes.close()
    },
  }
}
