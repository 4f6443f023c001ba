// What one control plane of all does on the side: probes, ages, clean-up, and what a crash left half done.
import type { Wakeups } from '../db/core/notify.ts'
import type { Pool } from '../db/core/pool.ts'
import type { GoogleTokens } from '../faas/google-tokens.ts'
import type { Log } from '../log.ts'
import { periodically, retention, startDuties } from '../reconcile/duties.ts'
import { startFreshnessMonitor } from '../reconcile/freshness-monitor.ts'
import { startFunctionLists } from '../reconcile/function-lists.ts'
import { startHealthMonitor } from '../reconcile/health-monitor.ts'
import { finishCreations } from '../services/buckets/bucket-creation.ts'
import { forgetDeleted } from '../services/buckets/forget-deleted.ts'
import { refreshKeys } from '../services/callers/refresh-keys.ts'
import { endAbandonedUploads } from '../services/objects/abort-upload.ts'
import type { ServiceDeps } from '../services/shared/deps.ts'
import { createProbes } from './probes.ts'
import { createStoreDrivers } from './store-drivers.ts'

const unfinishedSeconds = 5
const keysSeconds = 300

export function startWatching(
  deps: ServiceDeps & { pool: Pool; wakeups: Wakeups; log: Log; tokens: Pick<GoogleTokens, 'want'> },
): { stop(): Promise<void> } {
  const { pool, wakeups, log } = deps
  const drivers = createStoreDrivers(deps)
  const probes = createProbes(drivers, deps)
  const duties = startDuties({
    pool,
    log,
    duties: [
      () =>
        startHealthMonitor({
          pool,
          wakeups,
          log,
          probeStore: probes.store,
          probeFunctions: probes.functions,
        }),
      () => startFreshnessMonitor({ pool, log }),
      () => startFunctionLists({ pool, wakeups, log, list: probes.list }),
      retention(pool, log),
      periodically(log, keysSeconds, "reading issuers' keys again", () => refreshKeys(deps)),
      periodically(log, unfinishedSeconds, 'finishing creations', () => finishCreations(deps)),
      periodically(log, unfinishedSeconds, 'ending abandoned uploads', () => endAbandonedUploads(deps)),
      periodically(log, unfinishedSeconds, 'forgetting what was deleted', () => forgetDeleted(deps)),
    ],
  })
  return {
    async stop() {
      await duties.stop()
      await drivers.close()
    },
  }
}
