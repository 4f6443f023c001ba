// Gauges of what the database knows, read when somebody scrapes.
import { Gauge, type Registry } from 'prom-client'
import type { FleetBacklog } from '../domain/backlog.ts'
import { sparingly } from './sparingly.ts'

/** A scrape waits no longer for the database: Prometheus gives it 10 s in all. */
const patienceMs = 3_000

/**
 * `refresh` never throws: what cannot be read is not told, and `fado_backlog_up` says so. `pace`: as `sparingly` takes it;
 * by default the database is asked at most every 2 s and for at most a tenth of the time, however many scrape.
 */
export function createBacklogMetrics(
  registry: Registry,
  read: () => Promise<FleetBacklog>,
  onError: (error: unknown) => void,
  pace = { freshMs: 2_000, factor: 10 },
): { refresh(): Promise<void> } {
  const forgets: (() => void)[] = []
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> => {
    const made = new Gauge({ name, help, labelNames, registers: [registry] })
    // After a reset one without labels would tell 0.
    forgets.push(() => (labelNames.length > 0 ? made.reset() : made.remove()))
    return made
  }
  const up = new Gauge({
    name: 'fado_backlog_up',
    help: '1: the figures that the database knows were read for this answer or less than 2 s before; 0: they are missing.',
    registers: [registry],
  })
  const buckets = gauge('fado_dirty_buckets', 'Buckets to be decided: due, failing, or scheduled for later.', ['state'])
  const bucketAge = gauge(
    'fado_dirty_bucket_oldest_age_seconds',
    'For how long the oldest due or failing bucket waits.',
  )
  const keys = gauge('fado_dirty_keys', 'Keys to be looked at: a copy, or what FaDO records of a master.', [
    'store',
    'kind',
  ])
  const keyAge = gauge('fado_dirty_key_oldest_age_seconds', 'Age of the oldest of them.', ['store', 'kind'])
  const failing = gauge('fado_failing_keys', 'Keys of copies whose last try failed.', ['store'])
  const byAge = gauge('fado_backlog_keys', 'Keys that copies lack, by how long: up to 5s, 1m, 5m, 15m, 1h, or more.', [
    'store',
    'age',
  ])
  const bytes = gauge('fado_backlog_bytes', 'Bytes of these keys, as far as they are known.', ['store'])
  const conflicts = gauge('fado_conflicts', 'Keys with something in the way on a replica.', ['store'])
  const braked = gauge('fado_braked_deletes', 'Deletes that the delete brake holds until somebody orders them.', [
    'store',
  ])
  const stopped = gauge(
    'fado_stopped_masters',
    'Masters whose bucket is missing or another one: nothing is copied from them, and no calls go there.',
    ['store'],
  )
  const violations = gauge(
    'fado_residency_violations',
    'Buckets of which data lies on a store where their zones forbid it.',
    ['store'],
  )
  const storeUp = gauge('fado_store_up', '1: the probe finds the store well; 0: not, or not known yet.', ['store'])
  const lag = gauge(
    'fado_replica_lag_seconds',
    'Since when a copy lacks a known change: the 100 copies that lag most.',
    ['bucket', 'store'],
  )
  const proxies = gauge('fado_proxies', 'Envoys: connected, or gone and still counted until their lease ends.', [
    'state',
  ])
  const refused = gauge('fado_refused_routes', 'Buckets whose route an Envoy refuses.')

  function show({ buckets: waiting, stores, worst, proxies: envoys }: FleetBacklog): void {
    for (const state of ['due', 'failing', 'scheduled'] as const) buckets.set({ state }, waiting[state])
    bucketAge.set(waiting.oldest)
    for (const one of stores) {
      const { store } = one
      keys.set({ store, kind: 'copy' }, one.copies)
      keys.set({ store, kind: 'record' }, one.records)
      keyAge.set({ store, kind: 'copy' }, one.copiesOldest)
      keyAge.set({ store, kind: 'record' }, one.recordsOldest)
      failing.set({ store }, one.failing)
      for (const [age, count] of Object.entries(one.byAge)) byAge.set({ store, age }, count)
      bytes.set({ store }, one.bytes)
      conflicts.set({ store }, one.conflicts)
      braked.set({ store }, one.braked)
      stopped.set({ store }, one.stopped)
      violations.set({ store }, one.violations)
      storeUp.set({ store }, one.up ? 1 : 0)
    }
    for (const { bucket, store, lag: seconds } of worst) lag.set({ bucket, store }, seconds)
    proxies.set({ state: 'connected' }, envoys.connected)
    proxies.set({ state: 'gone' }, envoys.gone)
    refused.set(envoys.refusedRoutes)
  }
  const forget = () => {
    for (const one of forgets) one()
  }

  return {
    refresh: sparingly({
      async work() {
        const figures = await read()
        forget()
        show(figures)
        up.set(1)
      },
      onFailure(error) {
        forget()
        up.set(0)
        onError(error)
      },
      ...pace,
      patienceMs,
    }),
  }
}
