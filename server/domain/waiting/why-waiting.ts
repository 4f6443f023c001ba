// Why a copy does not have yet what its master has: one entry for each reason that holds now. Pure; the sentences are made
// in `say-waiting.ts`.
import { type Amount, nothing, sum } from '../forecast/amount.ts'
import { type Ahead, type LinkPace, secondsUntilDone } from '../forecast/until-done.ts'
import type { Observed } from '../replica/replica-state.ts'
import {
  type CallFailure,
  type MasterStop,
  problemOfReads,
  type StoreProblem,
  type Trouble,
} from '../trouble/trouble.ts'

/** The link of a copy, as all movers together have it. Limits are bytes per second. */
export type LinkFacts = LinkPace & {
  /** With its cluster; `opens`: it holds until the cluster's window opens. */
  readonly limit: { readonly cluster: string; readonly bytesPerSecond: number; readonly opens: Opening | null } | null
}

/** `until`: when that is, null: never; `at`: now. Milliseconds since 1970, by PostgreSQL's clock. */
export type Opening = { readonly zone: string; readonly until: number | null; readonly at: number }

export type WaitingFacts = Ahead & {
  readonly bucket: string
  /** Stores, by name. */
  readonly store: string
  readonly master: string
  readonly masterBucket: string
  readonly wanted: boolean
  readonly observed: Observed
  readonly isCounted: boolean
  /** What the master has; null before it was looked at. */
  readonly inMaster: Amount | null
  readonly bucketPaused: boolean
  readonly linkPaused: boolean
  /** The clusters of both ends whose windows are closed. */
  readonly closed: readonly ({ readonly cluster: string } & Opening)[]
  readonly narrowing: boolean
  /** Movers run, and none of them works on its link. */
  readonly unserved: boolean
  readonly masterStop: MasterStop | null
  readonly masterProblem: StoreProblem | null
  readonly problem: StoreProblem | null
  /** Deletes that the brake holds. */
  readonly braked: number
  /** Why the last run of the work on the whole copy did not end well. */
  readonly task: Trouble | null
  /** Keys that nobody works on: those due; those that failed, until their next try; others that are looked at later. */
  readonly due: Amount & { readonly oldestSeconds: number | null }
  readonly failed: Amount & { readonly tries: number; readonly seconds: number; readonly failure: CallFailure | null }
  readonly later: Amount & { readonly seconds: number }
  readonly link: LinkFacts
}

export type WaitingFor =
  | { readonly kind: 'bucket_paused'; readonly bucket: string }
  | { readonly kind: 'link_paused'; readonly from: string; readonly to: string }
  | ({ readonly kind: 'window'; readonly cluster: string } & Opening)
  | { readonly kind: 'narrowing'; readonly bucket: string }
  | { readonly kind: 'trouble'; readonly trouble: Trouble }
  | { readonly kind: 'not_made'; readonly store: string }
  /** `tries`: most of one key. `seconds`: until the next. */
  | { readonly kind: 'retry'; readonly tries: number; readonly seconds: number; readonly failure: CallFailure | null }
  | { readonly kind: 'later'; readonly seconds: number }
  | { readonly kind: 'unserved'; readonly from: string; readonly to: string }
  | { readonly kind: 'no_mover'; readonly from: string; readonly to: string; readonly seconds: number }
  | ({ readonly kind: 'bandwidth' } & NonNullable<LinkFacts['limit']>)
  /** `others`: objects of other copies that wait for the same link. */
  | { readonly kind: 'queue'; readonly from: string; readonly to: string; readonly others: number }

/** `etaSeconds` null: it cannot be told. */
export type Waiting = Amount & { readonly why: WaitingFor; readonly etaSeconds: number | null }

/** What is due is taken within a second where a mover runs; after so many it is said that none does. */
const noMoverAfter = 5

/** What holds all of it up; each of them has to go. */
function blockers(facts: WaitingFacts): WaitingFor[] {
  const { bucket, store, master, masterBucket, masterStop, problem } = facts
  const unread = problemOfReads(facts.masterProblem)
  const trouble = (what: Trouble): WaitingFor => ({ kind: 'trouble', trouble: what })
  return [
    ...(facts.bucketPaused ? [{ kind: 'bucket_paused', bucket } as const] : []),
    ...(facts.linkPaused ? [{ kind: 'link_paused', from: master, to: store } as const] : []),
    ...facts.closed.map((end) => ({ kind: 'window', ...end }) as const),
    ...(facts.unserved ? [{ kind: 'unserved', from: master, to: store } as const] : []),
    ...(facts.narrowing ? [{ kind: 'narrowing', bucket } as const] : []),
    ...(masterStop === null ? [] : [trouble({ kind: `master_${masterStop}`, store: master, bucket: masterBucket })]),
    ...(unread === null ? [] : [trouble({ kind: 'store', store: master, problem: unread })]),
    ...(problem === null ? [] : [trouble({ kind: 'store', store, problem })]),
  ]
}

/** A window tells itself when it goes. */
const secondsToOpen = (why: WaitingFor): number | null =>
  why.kind !== 'window' || why.until === null ? null : (why.until - why.at) / 1000

/**
 * Before the first comparison no key is marked, so all that the master has waits. A store that is down is tried by keys that
 * wait for it.
 */
function allOf({ observed, inMaster, due, failed, later, worked, masterProblem, problem }: WaitingFacts): Amount {
  const trying = problemOfReads(masterProblem) === null && problem === null ? [] : [worked]
  const marked = sum([due, failed, later, ...trying])
  const compared = observed === 'complete' || marked.objects > 0
  return compared ? marked : (inMaster ?? nothing)
}

function whyDue(facts: WaitingFacts): Waiting {
  const { master, store, due, link, others } = facts
  const { objects, bytes } = due
  const etaSeconds = secondsUntilDone(facts)
  const between = { from: master, to: store }
  const seconds = due.oldestSeconds ?? 0
  if (link.moving === 0 && seconds > noMoverAfter)
    return { objects, bytes, etaSeconds: null, why: { kind: 'no_mover', ...between, seconds } }
  if (link.limit !== null) {
    const atLimit = bytes / link.limit.bytesPerSecond
    return { objects, bytes, etaSeconds: etaSeconds ?? atLimit, why: { kind: 'bandwidth', ...link.limit } }
  }
  return { objects, bytes, etaSeconds, why: { kind: 'queue', ...between, others: sum(others).objects } }
}

/** Something holds up all that it lacks. */
export const isHeldUp = (facts: WaitingFacts): boolean => blockers(facts).length > 0

/**
 * Empty when nothing waits. Of several entries that hold all of it up each names the same objects. What a mover works on in
 * this moment does not wait, but for a store that is down.
 */
export function whyWaiting(facts: WaitingFacts): Waiting[] {
  const { store, wanted, braked, observed, task, due, failed, later } = facts
  if (!wanted) return []
  const held: Waiting[] =
    braked === 0
      ? []
      : [
          {
            objects: braked,
            bytes: 0,
            etaSeconds: null,
            why: { kind: 'trouble', trouble: { kind: 'braked', store, count: braked } },
          },
        ]
  const all = allOf(facts)
  const allFor = (why: WaitingFor): Waiting => ({ ...all, etaSeconds: null, why })
  const blocked = blockers(facts)
  if (all.objects === 0) return held
  if (blocked.length > 0)
    return [...blocked.map((why) => ({ ...allFor(why), etaSeconds: secondsToOpen(why) })), ...held]
  if (observed !== 'complete' && observed !== 'syncing')
    return [allFor(task === null ? { kind: 'not_made', store } : { kind: 'trouble', trouble: task }), ...held]
  const { tries, seconds, failure } = failed
  return [
    ...(failed.objects === 0
      ? []
      : [{ ...pick(failed), etaSeconds: seconds, why: { kind: 'retry', tries, seconds, failure } as const }]),
    ...(later.objects === 0
      ? []
      : [{ ...pick(later), etaSeconds: later.seconds, why: { kind: 'later', seconds: later.seconds } as const }]),
    ...(due.objects === 0 ? [] : [whyDue(facts)]),
    ...held,
  ]
}

const pick = ({ objects, bytes }: Amount): Amount => ({ objects, bytes })
