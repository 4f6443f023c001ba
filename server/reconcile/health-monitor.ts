// Probes stores and function deployments. Only a change is written; a change marks what depends on it.

import { setTimeout as delay } from 'node:timers/promises'
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
import type { HealthBefore } from '../domain/fleet/failback.ts'
import type { ProbeTrouble } from '../domain/fleet/health-cause.ts'
import { type Judged, judge, unjudged, type Verdict } from '../domain/fleet/health-verdict.ts'
import { type HealthSeen, newsOfFunctions, newsOfStore, seenOf } from '../domain/fleet/seen.ts'
import { watchRun } from '../held-up.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'

/** `trouble`: null when it is well. */
type Probe = { readonly trouble: ProbeTrouble | null }
/** `uptime`: seconds since the store's process began; null where it does not tell. `missing`: buckets that it said not to have. */
export type StoreProbe = Probe & { readonly uptime: number | null; readonly missing: readonly string[] }
/**
 * `addresses`: those of its host that calls should go to; none where it has none, or nobody looked. `lacksPath`: it is well, and
 * has nothing where its health is asked.
 */
export type FunctionProbe = Probe & { readonly addresses: readonly string[]; readonly lacksPath?: boolean }

/**
 * Seconds from the beginning of one round to that of the next; shorter while something misses. A store that is silent for
 * the second that a probe lasts is then known to be down 5.5 s after its last answer.
 */
export type ProbeIntervals = { readonly calm: number; readonly suspicious: number }

/**
 * In what part of a calm round probes begin, each at a random moment, so that many are no burst. What was asked for, and what
 * misses, is probed at once.
 */
const calmSpread = 0.25

/** Half a probe. Who did nothing for so long may have read an answer too late. */
const heldUpMs = 500

export function startHealthMonitor(deps: {
  pool: Pool
  wakeups: Pick<Wakeups, 'on'>
  log: Log
  probeStore: (store: ProbedStore, signal: AbortSignal) => Promise<StoreProbe>
  probeFunctions: (deployment: ProbedFunctions, signal: AbortSignal) => Promise<FunctionProbe>
  intervals?: ProbeIntervals
  /** Milliseconds by a clock that is never set. */
  now?: () => number
  /** From 0 to 1. */
  random?: () => number
}): { stop(): Promise<void> } {
  const { pool, wakeups, log, probeStore, probeFunctions, intervals = { calm: 2, suspicious: 1 } } = deps
  const { now = () => performance.now(), random = Math.random } = deps
  const onError = (error: unknown) => log.error({ err: error }, 'a round of probes failed')

  /** One round over what there is: probes all, then hands over what is certain of each. Each kind is judged by itself. */
  function round<T extends HealthBefore & { readonly id: string }, R extends Probe>(
    kind: string,
    list: () => Promise<T[]>,
    probe: (one: T, signal: AbortSignal) => Promise<R>,
    write: (one: T, seen: HealthSeen, probed: R & Pick<Verdict, 'returned' | 'wellBefore'>) => Promise<void>,
  ) {
    let judged = unjudged
    /** A calm round begins later: one before it was asked for. Timers are early by a millisecond at times. */
    let calmUntil = Number.POSITIVE_INFINITY
    return async (signal: AbortSignal): Promise<number> => {
      const begunAt = now()
      const rest = (interval: number) => Math.max(0, interval - (now() - begunAt) / 1000)
      const spreadMs = begunAt < calmUntil ? 0 : intervals.calm * calmSpread * 1000
      /** What is wrong with one keeps nobody else from being judged. */
      const failures: unknown[] = []
      const listed = await list()
      const run = watchRun()
      const asked = await Promise.all(
        listed.map(async (one) => {
          if (spreadMs > 0) await delay(random() * spreadMs, undefined, { signal }).catch(() => undefined)
          try {
            return [{ one, result: await probe(one, signal) }]
          } catch (error) {
            failures.push(error)
            return []
          }
        }),
      )
      const heldUp = run.longestHoldMs() >= heldUpMs
      if (signal.aborted) return 0
      const probed = asked.flat()
      const results = new Map(probed.map(({ one, result }) => [one.id, result.trouble]))
      const before = judged
      const { judged: after, verdicts } = judge(before, { results, begunAt, endedAt: now(), heldUp })
      judged = after
      tellDoubt(kind, before, after, results)
      for (const { one, result } of probed) {
        const verdict = verdicts.get(one.id)
        const seen = verdict && seenOf(one, verdict, result.trouble)
        if (!verdict || !seen) continue
        await write(one, seen, { ...result, ...verdict }).catch((error: unknown) => {
          if (pool.isOutage(error)) throw error
          failures.push(error)
        })
      }
      if (failures.length > 0) throw failures[0]
      const doubtful = [...verdicts.values()].some(({ state }) => state === 'missing' || state === 'doubted')
      calmUntil = doubtful ? Number.POSITIVE_INFINITY : begunAt + intervals.calm * 900
      return rest(doubtful ? intervals.suspicious : intervals.calm)
    }
  }

  function tellDoubt(kind: string, before: Judged, after: Judged, results: ReadonlyMap<string, ProbeTrouble | null>) {
    if (after.heldSince !== null && before.heldSince === null)
      log.warn({ kind }, 'this process was held up while it probed: what is silent is asked again')
    const doubting = after.doubtSince !== null
    if ((before.doubtSince !== null) === doubting) return
    const silent = [...results.values()].filter((trouble) => trouble !== null).length
    const facts = { kind, of: results.size, silent }
    if (doubting)
      log.error(facts, 'most are silent at once: FaDO doubts its own network and keeps routes for at most 10 s')
    else log.warn(facts, 'the doubt of the own network is over')
  }

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
    const { any, turned, lacksPath } = newsOfFunctions(deployment, seen, probed)
    if (!any) return
    await pool.transaction(async (tx) => {
      await writeFunctionHealth(tx, deployment.id, { ...seen, addresses, lacksPath })
      // Whether a store that is coming back is needed at once depends on the functions beside the other copies.
      if (turned) await markBuckets(tx, { kind: 'returning' })
    })
    const { health, cause, detail } = seen
    const facts = { url: deployment.url, health, cause, addresses, detail }
    log[cause === null ? 'info' : 'warn'](facts, 'a function deployment changed')
  }

  const stores = startWorkLoop({
    step: round('stores', () => storesToProbe(pool), probeStore, writeStore),
    onError,
    retryMs: 1_000,
  })
  const functions = startWorkLoop({
    step: round('function deployments', () => functionsToProbe(pool), probeFunctions, writeFunctions),
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
