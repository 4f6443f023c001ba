// When a probed thing counts as down: three misses in a row; one success makes it well again (when it takes calls: failback.ts).
// Where most are silent at once the prober may be cut off itself, so it doubts what it sees, but not for long. Where it was held up
// it may not have read what had come: then silence is no miss. Stores and function deployments are judged apart: each kind has its
// own `Judged`.
import type { ProbeTrouble } from './health-cause.ts'

type ProbeHistory = {
  readonly misses: number
  readonly healthy: boolean
  /** Nobody listened there, at a probe since its last answer. */
  readonly away: boolean
  /** When the round began in which it last was well; null: it was not yet. */
  readonly wellAt: number | null
}

/** What is remembered from one round of probes to the next. */
export type Judged = {
  readonly histories: ReadonlyMap<string, ProbeHistory>
  /** When the round began that was the first of those doubted in a row, in milliseconds; null without doubt. */
  readonly doubtSince: number | null
  /** The same of rounds in which the prober was held up and somebody silent. */
  readonly heldSince: number | null
  /** When the last round began; null: there was none. */
  readonly roundAt: number | null
}
export type Verdict = {
  /**
   * - `missing`: too few misses yet to say
   * - `doubted`: enough of them, but not believed yet
   * - `unheard`: silent to a prober that was held up, which is no miss: the answer may be there, unread
   */
  readonly state: 'healthy' | 'missing' | 'doubted' | 'unheard' | 'unhealthy'
  /** It answers, and before it did not three times, or nobody listened there: events may be lost. */
  readonly returned: boolean
  /** When the round before this one began in which it last was well, in milliseconds; null: not known. */
  readonly wellBefore: number | null
  /** It was well before, and the rounds since then followed each other. If not, nobody knows what it was meanwhile. */
  readonly watched: boolean
}
export type RoundOfProbes = {
  /** Null: it is well. By id. */
  readonly results: ReadonlyMap<string, ProbeTrouble | null>
  /** In milliseconds, by a clock that is never set. */
  readonly begunAt: number
  readonly endedAt: number
  /** The prober did nothing for so long that answers may have come too late by its own fault. */
  readonly heldUp?: boolean
}

export const unjudged: Judged = { histories: new Map(), doubtSince: null, heldSince: null, roundAt: null }

const missesUntilDown = 3
const doubtFrom = 5
/** The time-outs of a round that ends later are believed. A round lasts up to 1 s, so no doubt lasts longer than 10 s. */
const longestDoubtMs = 9_000
/** For so long silence says nothing to who is held up: who always is has to believe something. */
const longestHeldMs = 30_000
/** Rounds begin each 2 s. A prober that was paused, or whose database was away, has seen nothing for longer. */
const longestGapMs = 10_000

const isSilent = (trouble: ProbeTrouble | null): boolean => trouble?.cause === 'SILENT'

/** More than half of at least five are silent and none refuses: it is more likely our own network. */
export function mayBeOurs(results: readonly (ProbeTrouble | null)[]): boolean {
  const troubles = results.filter((one) => one !== null)
  const allSilent = troubles.every(isSilent)
  return allSilent && results.length >= doubtFrom && troubles.length * 2 > results.length
}

/** What is to be thought of a round as a whole. */
type Trust = {
  readonly begunAt: number
  /** Three misses are believed. */
  readonly inMisses: boolean
  /** Silence is a miss. */
  readonly inSilence: boolean
  /** There was a round just before this one. */
  readonly goesOn: boolean
}

const firstHistory: ProbeHistory = { misses: 0, healthy: true, away: false, wellAt: null }

function judgeOne(
  known: ProbeHistory,
  trouble: ProbeTrouble | null,
  trust: Trust,
): { readonly history: ProbeHistory; readonly verdict: Verdict } {
  const { misses: before, healthy: wasHealthy, away, wellAt: wellBefore } = known
  const is = (state: Verdict['state'], history: ProbeHistory, returned = false) => ({
    history,
    verdict: { state, returned, wellBefore, watched: wellBefore !== null && trust.goesOn },
  })
  if (trouble === null)
    return is('healthy', { ...firstHistory, wellAt: trust.begunAt }, away || before >= missesUntilDown)
  if (isSilent(trouble) && !trust.inSilence) return is(wasHealthy ? 'unheard' : 'unhealthy', known)
  const misses = before + 1
  const enough = misses >= missesUntilDown
  const healthy = wasHealthy && !(enough && trust.inMisses)
  const state = !healthy ? 'unhealthy' : enough ? 'doubted' : 'missing'
  return is(state, { misses, healthy, away: away || trouble.away, wellAt: wellBefore })
}

export function judge(
  before: Judged,
  { results, begunAt, endedAt, heldUp = false }: RoundOfProbes,
): { readonly judged: Judged; readonly verdicts: ReadonlyMap<string, Verdict> } {
  const troubles = [...results.values()]
  const doubtSince = mayBeOurs(troubles) ? (before.doubtSince ?? begunAt) : null
  const heldSince = heldUp && troubles.some(isSilent) ? (before.heldSince ?? begunAt) : null
  const trust: Trust = {
    begunAt,
    inMisses: doubtSince === null || endedAt - doubtSince > longestDoubtMs,
    inSilence: heldSince === null || endedAt - heldSince > longestHeldMs,
    goesOn: before.roundAt !== null && begunAt - before.roundAt <= longestGapMs,
  }
  const histories = new Map<string, ProbeHistory>()
  const verdicts = new Map<string, Verdict>()
  for (const [id, trouble] of results) {
    const { history, verdict } = judgeOne(before.histories.get(id) ?? firstHistory, trouble, trust)
    histories.set(id, history)
    verdicts.set(id, verdict)
  }
  return { judged: { histories, doubtSince, heldSince, roundAt: begunAt }, verdicts }
}
