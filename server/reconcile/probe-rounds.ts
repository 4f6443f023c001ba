// Rounds of probes over all of a kind: each is asked, the round is judged as a whole, and what is certain of each is handed over.
import { setTimeout as delay } from 'node:timers/promises'
import type { Pool } from '../db/core/pool.ts'
import type { HealthBefore } from '../domain/fleet/failback.ts'
import type { ProbeTrouble } from '../domain/fleet/health-cause.ts'
import { type Judged, judge, unjudged, type Verdict } from '../domain/fleet/health-verdict.ts'
import { type HealthSeen, seenOf } from '../domain/fleet/seen.ts'
import type { Log } from '../log.ts'
import { watchForHolds } from './held-up.ts'

/** `trouble`: null when it is well. */
export type Probe = { readonly trouble: ProbeTrouble | null }

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

/** Of these it is asked again soon. */
const uncertain: ReadonlySet<Verdict['state']> = new Set(['missing', 'doubted', 'unheard'])

/** Half a probe. Who did nothing for so long may have read an answer too late. */
const heldUpMs = 500

type Named = HealthBefore & { readonly id: string }

/** What is probed, e.g. stores. */
export type ProbedKind<One extends Named, Probed extends Probe> = {
  /** As logs say it. */
  readonly name: string
  readonly list: () => Promise<readonly One[]>
  readonly probe: (one: One, signal: AbortSignal) => Promise<Probed>
  /** What is certain of one of them, whether or not it is news. */
  readonly write: (
    one: One,
    seen: HealthSeen,
    probed: Probed & Pick<Verdict, 'returned' | 'wellBefore'>,
  ) => Promise<void>
}

export type RoundsDeps = {
  readonly pool: Pick<Pool, 'isOutage'>
  readonly log: Log
  readonly intervals: ProbeIntervals
  /** Milliseconds by a clock that is never set. */
  readonly now: () => number
  /** From 0 to 1. */
  readonly random: () => number
}

/** Returns a round: it resolves to the seconds until the next is due. What is wrong with one keeps no other from being judged. */
export function createProbeRounds<One extends Named, Probed extends Probe>(
  { name, list, probe, write }: ProbedKind<One, Probed>,
  { pool, log, intervals, now, random }: RoundsDeps,
): (signal: AbortSignal) => Promise<number> {
  let judged = unjudged
  /** A calm round begins later: one before it was asked for. Timers are early by a millisecond at times. */
  let calmUntil = Number.POSITIVE_INFINITY

  type Asked = {
    readonly all: readonly { readonly one: One; readonly probed: Probed }[]
    /** Of those that could not be asked. */
    readonly failures: readonly unknown[]
    /** Answers may have come too late because of this process. */
    readonly heldUp: boolean
  }

  async function ask(begunAt: number, signal: AbortSignal): Promise<Asked> {
    const spreadMs = begunAt < calmUntil ? 0 : intervals.calm * calmSpread * 1000
    const listed = await list()
    const watch = watchForHolds()
    const failures: unknown[] = []
    const asked = await Promise.all(
      listed.map(async (one) => {
        if (spreadMs > 0) await delay(random() * spreadMs, undefined, { signal }).catch(() => undefined)
        try {
          return [{ one, probed: await probe(one, signal) }]
        } catch (error) {
          failures.push(error)
          return []
        }
      }),
    )
    return { all: asked.flat(), failures, heldUp: watch.end() >= heldUpMs }
  }

  function judgeAll({ all, heldUp }: Asked, begunAt: number): ReadonlyMap<string, Verdict> {
    const results = new Map(all.map(({ one, probed }) => [one.id, probed.trouble]))
    const before = judged
    const { judged: after, verdicts } = judge(before, { results, begunAt, endedAt: now(), heldUp })
    judged = after
    tellDoubt(before, after, [...results.values()])
    return verdicts
  }

  function tellDoubt(before: Judged, after: Judged, troubles: readonly (ProbeTrouble | null)[]): void {
    if (after.heldSince !== null && before.heldSince === null)
      log.warn({ kind: name }, 'this process was held up while it probed: what is silent is asked again')
    const doubting = after.doubtSince !== null
    if (doubting === (before.doubtSince !== null)) return
    const facts = { kind: name, of: troubles.length, silent: troubles.filter((trouble) => trouble !== null).length }
    if (doubting)
      log.error(facts, 'most are silent at once: FaDO doubts its own network and keeps routes for at most 10 s')
    else log.warn(facts, 'the doubt of the own network is over')
  }

  /** Resolves to the failures of those that could not be written. */
  async function writeAll({ all }: Asked, verdicts: ReadonlyMap<string, Verdict>): Promise<readonly unknown[]> {
    const failures: unknown[] = []
    for (const { one, probed } of all) {
      const verdict = verdicts.get(one.id)
      const seen = verdict && seenOf(one, verdict, probed.trouble)
      if (!verdict || !seen) continue
      await write(one, seen, { ...probed, ...verdict }).catch((error: unknown) => {
        if (pool.isOutage(error)) throw error
        failures.push(error)
      })
    }
    return failures
  }

  return async (signal) => {
    const begunAt = now()
    const asked = await ask(begunAt, signal)
    if (signal.aborted) return 0
    const verdicts = judgeAll(asked, begunAt)
    const [failure] = [...asked.failures, ...(await writeAll(asked, verdicts))]
    if (failure !== undefined) throw failure
    const doubtful = [...verdicts.values()].some(({ state }) => uncertain.has(state))
    calmUntil = doubtful ? Number.POSITIVE_INFINITY : begunAt + intervals.calm * 900
    const interval = doubtful ? intervals.suspicious : intervals.calm
    return Math.max(0, interval - (now() - begunAt) / 1000)
  }
}
