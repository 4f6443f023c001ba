// Joins the health monitor with what can be asked: one watched connection per store, one request per function deployment.
import type { ProbedStore } from '../db/deciding/health.ts'
import type { StoreProbe } from '../reconcile/health-monitor.ts'
import { type StoreWatch, watchStore } from '../storage/watch-store.ts'

export function createStoreProbes() {
  const watches = new Map<string, { readonly endpoint: string; readonly watch: StoreWatch }>()

  async function watchOf({ id, endpoint }: ProbedStore): Promise<StoreWatch> {
    const known = watches.get(id)
    if (known?.endpoint === endpoint) return known.watch
    await known?.watch.close()
    const watch = watchStore(endpoint)
    watches.set(id, { endpoint, watch })
    return watch
  }
  return {
    async probe(store: ProbedStore, signal: AbortSignal): Promise<StoreProbe> {
      return (await watchOf(store)).ask(signal)
    },
    close: async () => void (await Promise.all([...watches.values()].map(({ watch }) => watch.close()))),
  }
}
