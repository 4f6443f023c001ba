// What Prometheus reads. Only this room knows prom-client; those who count are handed records of functions.
import { collectDefaultMetrics, Registry } from 'prom-client'

/** The answer to a scrape. */
export type Exposition = { readonly contentType: string; text(): Promise<string> }

/** With what tells of the process itself: memory, CPU, event loop. */
export function createRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}

/** `refresh` is awaited before each answer; it must not throw. */
export const expose = (registry: Registry, refresh: () => Promise<void> = async () => undefined): Exposition => ({
  contentType: registry.contentType,
  async text() {
    await refresh()
    return registry.metrics()
  },
})
