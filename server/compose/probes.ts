// Joins the health monitor with what can be asked: stores with FaDO's own credentials, and function platforms.
import type { ProbedFunctions, ProbedStore } from '../db/deciding/health.ts'
import { FadoError } from '../domain/errors.ts'
import { probeDeployment } from '../faas/probe-deployment.ts'
import type { FunctionProbe, StoreProbe } from '../reconcile/health-monitor.ts'
import type { StorageDriver } from '../storage/storage-driver.ts'
import { type StoreWatch, watchStore } from '../storage/watch-store.ts'
import type { StoreDrivers } from './store-drivers.ts'

export function createProbes(drivers: StoreDrivers) {
  const watches = new Map<string, StoreWatch>()

  function watchOf(id: string): StoreWatch {
    const watch = watches.get(id) ?? watchStore()
    watches.set(id, watch)
    return watch
  }
  return {
    async store({ id, buckets }: ProbedStore, signal: AbortSignal): Promise<StoreProbe> {
      let driver: StorageDriver
      try {
        driver = (await drivers.get(id)).driver
      } catch (error) {
        if (!(error instanceof FadoError)) throw error
        // Its credentials cannot be decrypted.
        return { trouble: { cause: 'KEY_REFUSED', detail: error.message, away: false }, uptime: null, missing: [] }
      }
      return watchOf(id).ask(driver, buckets, signal)
    },
    functions: (deployment: ProbedFunctions, signal: AbortSignal): Promise<FunctionProbe> =>
      probeDeployment(deployment, {
        signal,
        isAnother: (cluster) => cluster !== deployment.cluster && deployment.clusters.has(cluster),
      }),
  }
}
