// Probes stores and function deployments. Only a change is written; a change marks what depends on it.

import type { Wakeups } from '../db/core/notify.ts'
import type { Pool } from '../db/core/pool.ts'
import {
  functionsToProbe,
  type ProbedFunctions,
  type ProbedStore,
  storesToProbe,
  writeFunctionHealth,
  writeProcessBegan,
  writeStoreHealth,
} from '../db/deciding/health.ts'
import { markBuckets } from '../db/queue/dirty-buckets.ts'
import { sweepMissing, sweepStore } from '../db/queue/sweeps.ts'
import type { Verdict } from '../domain/fleet/health-verdict.ts'
import { type HealthSeen, newsOfFunctions, newsOfStore } from '../domain/fleet/seen.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'
import { createProbeRounds, type Probe, type RoundsDeps } from './probe-rounds.ts'

/** `uptime`: seconds since the store's process began; null where it does not tell. `missing`: buckets that it said not to have. */
export type StoreProbe = Probe & { readonly uptime: number | null; readonly missing: readonly string[] }
/**
 * `addresses`: those of its host that calls should go to; none where it has none, or nobody looked. `lacksPath`: it is well, and
 * has nothing where its health is asked.
 */
export type FunctionProbe = Probe & { readonly addresses: readonly string[]; readonly lacksPath?: boolean }

export function startHealthMonitor(
  deps: {
    pool: Pool
    wakeups: Pick<Wakeups, 'on'>
    log: Log
    probeStore: (store: ProbedStore, signal: AbortSignal) => Promise<StoreProbe>
    probeFunctions: (deployment: ProbedFunctions, signal: AbortSignal) => Promise<FunctionProbe>
  } & Partial<Pick<RoundsDeps, 'intervals' | 'now' | 'random'>>,
): { stop(): Promise<void> } {
  const { pool, wakeups, log, probeStore, probeFunctions, intervals = { calm: 2, suspicious: 1 } } = deps
  const { now = () => performance.now(), random = Math.random } = deps
  const onError = (error: unknown) => log.error({ err: error }, 'a round of probes failed')

  async function writeStore(
    store: ProbedStore,
    seen: HealthSeen,
    probed: StoreProbe & Pick<Verdict, 'returned' | 'wellBefore'>,
  ) {
    const { uptime, missing, wellBefore } = probed
    if (missing.length > 0) await sweepMissing(pool, store.id, missing)
    const news = newsOfStore(store, seen, probed)
    if (!news.health && !news.gap && !news.process) return
    await pool.transaction(async (tx) => {
      const turned = news.health && (await writeStoreHealth(tx, store.id, seen))
      if (uptime !== null && news.process) await writeProcessBegan(tx, store.id, uptime)
      if (news.gap) await sweepStore(tx, store.id, wellBefore === null ? 'not-known' : (now() - wellBefore) / 1000)
      if (turned) await markBuckets(tx, { kind: 'storage', storageId: store.id })
    })
    if (!news.health && !news.gap) return
    const { gap, restarted } = news
    const { health, cause, detail } = seen
    log[cause === null ? 'info' : 'warn'](
      { store: store.name, health, cause, gap, restarted, detail },
      'a store changed',
    )
  }

  async function writeFunctions(deployment: ProbedFunctions, seen: HealthSeen, probed: FunctionProbe) {
    const { addresses } = probed
    const { any, lacksPath } = newsOfFunctions(deployment, seen, probed)
    if (!any) return
    await pool.transaction(async (tx) => {
      const turned = await writeFunctionHealth(tx, deployment.id, { ...seen, addresses, lacksPath })
      // Whether a store that is coming back is needed at once depends on the functions beside the other copies.
      if (turned) await markBuckets(tx, { kind: 'returning' })
    })
    const { health, cause, detail } = seen
    const facts = { url: deployment.url, health, cause, addresses, detail }
    log[cause === null ? 'info' : 'warn'](facts, 'a function deployment changed')
  }

  const rounds = { pool, log, intervals, now, random }
  const stores = startWorkLoop({
    step: createProbeRounds(
      { name: 'stores', list: () => storesToProbe(pool), probe: probeStore, write: writeStore },
      rounds,
    ),
    onError,
    retryMs: 1_000,
  })
  const functions = startWorkLoop({
    step: createProbeRounds(
      {
        name: 'function deployments',
        list: () => functionsToProbe(pool),
        probe: probeFunctions,
        write: writeFunctions,
      },
      rounds,
    ),
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
