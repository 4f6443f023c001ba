// Probes stores and function deployments. Only a change is written; a change marks what depends on it.

import type { Wakeups } from '../db/core/notify.ts'
import type { Pool } from '../db/core/pool.ts'
import {
  functionsToProbe,
  type Health,
  type ProbedFunctions,
  type ProbedStore,
  storesToProbe,
  writeFunctionHealth,
  writeStoreHealth,
} from '../db/deciding/health.ts'
import { sweepStore } from '../db/queue/sweeps.ts'
import {
  afterProbe,
  type ProbeHistory,
  type ProbeResult,
  proberAtFault,
  unprobed,
} from '../domain/fleet/health-verdict.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'

/** What a probe of a store tells beside its health. */
export type StoreProbe = ProbeResult & {
  /** The connection that the last probe used was gone: the store may have restarted, and events may be lost. */
  readonly interrupted: boolean
}
export type FunctionProbe = ProbeResult & { readonly address: string | null }

/**
 * Seconds from the beginning of one round to that of the next; shorter while something misses. A store that is silent for
 * the second that a probe lasts is then known to be down 5 s after its last answer.
 */
export type ProbeIntervals = { readonly calm: number; readonly suspicious: number }

export function startHealthMonitor(deps: {
  pool: Pool
  wakeups: Wakeups
  log: Log
  probeStore: (store: ProbedStore, signal: AbortSignal) => Promise<StoreProbe>
  probeFunctions: (deployment: ProbedFunctions, signal: AbortSignal) => Promise<FunctionProbe>
  intervals?: ProbeIntervals
}): { stop(): Promise<void> } {
  const { pool, wakeups, log, probeStore, probeFunctions, intervals = { calm: 2, suspicious: 1 } } = deps
  const onError = (error: unknown) => log.error({ err: error }, 'a round of probes failed')

  /** One round over what there is: probes all, then hands over those whose health is certain. */
  function round<T extends { readonly id: string }, R extends ProbeResult>(
    list: () => Promise<T[]>,
    probe: (one: T, signal: AbortSignal) => Promise<R>,
    write: (one: T, health: Health, result: R) => Promise<void>,
  ) {
    let histories = new Map<string, ProbeHistory>()
    return async (signal: AbortSignal): Promise<number> => {
      const begun = performance.now()
      const rest = (interval: number) => Math.max(0, interval - (performance.now() - begun) / 1000)
      const probed = await Promise.all((await list()).map(async (one) => ({ one, result: await probe(one, signal) })))
      if (signal.aborted) return 0
      const results = probed.map(({ result }) => result)
      if (proberAtFault(results)) {
        log.error(
          { failed: results.filter((result) => !result.ok).length },
          'most probes failed: health stays as it was',
        )
        return rest(intervals.calm)
      }
      histories = new Map(
        probed.map(({ one, result }) => [one.id, afterProbe(histories.get(one.id) ?? unprobed, result.ok)]),
      )
      for (const { one, result } of probed) {
        const healthy = histories.get(one.id)?.healthy ?? true
        if (result.ok || !healthy) await write(one, healthy ? 'healthy' : 'unhealthy', result)
      }
      const doubtful = [...histories.values()].some((history) => history.misses > 0 && history.healthy)
      return rest(doubtful ? intervals.suspicious : intervals.calm)
    }
  }

  async function writeStore(store: ProbedStore, health: Health, result: StoreProbe): Promise<void> {
    const gap = result.ok && (result.interrupted || store.health === 'unhealthy')
    if (health === store.health && !gap) return
    await pool.transaction(async (sql) => {
      await writeStoreHealth(sql, store.id, health, result.detail)
      if (gap) await sweepStore(sql, store.id)
    })
    log[result.ok ? 'info' : 'warn']({ store: store.name, health, gap, detail: result.detail }, 'a store changed')
    wakeups.wake('bucket')
    wakeups.wake('task')
    wakeups.wake('event')
  }

  async function writeFunctions(deployment: ProbedFunctions, health: Health, result: FunctionProbe): Promise<void> {
    const moved = result.address !== null && result.address !== deployment.address
    if (health === deployment.health && !moved) return
    const { detail, address } = result
    await pool.transaction((sql) => writeFunctionHealth(sql, deployment.id, { health, detail, address }))
    log[result.ok ? 'info' : 'warn']({ url: deployment.url, health, detail }, 'a function deployment changed')
    wakeups.wake('endpoints')
    wakeups.wake('event')
  }

  const stores = startWorkLoop({
    step: round(() => storesToProbe(pool), probeStore, writeStore),
    onError,
    retryMs: 1_000,
  })
  const functions = startWorkLoop({
    step: round(() => functionsToProbe(pool), probeFunctions, writeFunctions),
    onError,
    retryMs: 1_000,
  })
  const off = [
    wakeups.on('functions', () => functions.wake()), // what was just registered is probed at once
    wakeups.on('store', () => stores.wake()), // a mover met one that does not answer
  ]
  return {
    async stop() {
      for (const end of off) end()
      await Promise.all([stores.stop(), functions.stop()])
    },
  }
}
