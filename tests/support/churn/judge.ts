// Whether an answer to a call was right. Pure: what was asked and answered, what the master was meanwhile, and what had been
// done to the system go in; the verdict comes out.
import type { KeyHistory, Write } from './history.ts'

/** One call through the ingress. Times are milliseconds of one clock. */
export type Call = {
  readonly bucket: string
  readonly key: string
  readonly function: 'sha256' | 'head'
  readonly begun: number
  readonly ended: number
}
export type Answer = {
  readonly status: number
  readonly servedBy: string | null
  /** The function's own words; null when FaDO or nobody answered. */
  readonly body: { readonly cluster?: string; readonly sha256?: string; readonly size?: number } | null
  readonly text: string
}
export type Outcome = Answer | { readonly failed: string }

/** Something that was done to a part. */
export type Fault = {
  readonly part: 'server' | 'mover' | 'envoy' | 'postgres' | `store ${string}`
  readonly at: number
  /** Until when it was kept from coming back. */
  heldUntil?: number
  /** When the part worked again; undefined: not yet. */
  backAt?: number
}

export type BucketRules = {
  readonly masterCluster: string
  /** Milliseconds. */
  readonly maxStaleness: number
  /** Calls can be left without any cluster while the master's store is away: other copies may be few, or too stale. */
  readonly mayStandAlone: boolean
}

export type Facts = {
  readonly rules: BucketRules
  readonly history: KeyHistory
  readonly faults: readonly Fault[]
  /** Since when this cluster's copy was asked for, having surely been gone before; undefined: it was always there. */
  readonly copyAskedFor?: number | undefined
}

export type Verdict =
  | {
      readonly verdict: 'right' /** How long ago the master had changed what was answered; 0: not at all. */
      staleMs: number
    }
  /** It failed, as it may for a moment after that fault. */
  | { readonly verdict: 'excused'; readonly by: Fault['part'] }
  | { readonly verdict: 'wrong'; readonly what: string }

/** How long a function may fail after a store or the proxy died. */
const excusedMs = 6_000
/** A control plane that was away has looked at all stores. */
const decidesAgainMs = 9_000
/** From the moment when a copy is too stale to the last call that it gets: noticed, decided, ACKed, by a fleet on two cores. */
const withdrawMs = 5_000
/** While this is away, changes can be unknown; afterwards they are found by a sweep, within this time. */
const findMs = 20_000

const isStore = (part: Fault['part'], cluster: string | null) => part === `store ${cluster}`

/** Faults that can hide changes of this bucket, or keep a stale copy in its route. */
const hides = (part: Fault['part'], { masterCluster }: BucketRules) =>
  part === 'server' || part === 'postgres' || isStore(part, masterCluster)

/** Since when changes may have been unknown to FaDO at this moment, for a fault prolongs what came before it. */
function blindSince(moment: number, { rules, faults }: Facts): number | undefined {
  let since: number | undefined
  for (const { part, at, backAt = Number.POSITIVE_INFINITY } of [...faults].sort((a, b) => b.at - a.at))
    if (at <= moment && hides(part, rules) && backAt + findMs >= (since ?? moment)) since = at
  return since
}

/** The oldest moment whose state this call may still have been answered with. */
function oldestAllowed({ begun }: Call, facts: Facts): number {
  const now = Math.min(begun, blindSince(begun, facts) ?? begun)
  const oldest = now - facts.rules.maxStaleness - withdrawMs
  return Math.max(oldest, facts.copyAskedFor ?? Number.NEGATIVE_INFINITY)
}

const shows = ({ function: name }: Call, { status, body }: Answer, { content }: Write): boolean => {
  if (content === null) return status === 404
  if (status !== 200) return false
  return name === 'sha256' ? body?.sha256 === content.sha256 : body?.size === content.size
}

function judgeContent(call: Call, answer: Answer, facts: Facts): Verdict {
  const { history } = facts
  const allowed = history.during(oldestAllowed(call, facts), call.ended)
  const seen = allowed.findLast((write) => shows(call, answer, write))
  if (seen !== undefined) {
    const replacedAt = history.replacedAt(seen)
    return { verdict: 'right', staleMs: replacedAt === undefined ? 0 : Math.max(0, call.begun - replacedAt) }
  }
  const older = history.during(Number.NEGATIVE_INFINITY, call.ended).findLast((write) => shows(call, answer, write))
  const replacedAt = older === undefined ? undefined : history.replacedAt(older)
  const age =
    replacedAt === undefined ? '' : `; the master had that until ${Math.round(call.begun - replacedAt)} ms before`
  return { verdict: 'wrong', what: `${answer.status} with data that the copy must not have any more${age}` }
}

/** The function said no, though it was reached. */
const ofFunction = ({ body }: Answer) => body?.cluster !== undefined

const never = Number.POSITIVE_INFINITY

/** Until when the fault excuses: while nobody decides routes nothing gets better. */
function excusedUntil({ part, at: begun, heldUntil, backAt = never }: Fault, faults: readonly Fault[]): number {
  // A proxy that was stopped answers, when it goes on, that time is over.
  const at = part === 'envoy' ? (heldUntil ?? begun) : begun
  const undecided = faults
    .filter(({ part }) => part === 'server' || part === 'postgres')
    .filter((other) => other.at <= at + excusedMs && (other.backAt ?? never) >= at)
    .map((other) => (other.backAt ?? never) + decidesAgainMs)
  return Math.min(backAt + excusedMs, Math.max(at + excusedMs, ...undecided))
}

function excuse(call: Call, outcome: Outcome, { rules, faults }: Facts): Fault | undefined {
  const just = (fault: Fault) => fault.at <= call.ended && call.begun <= excusedUntil(fault, faults)
  if ('failed' in outcome) return faults.find((fault) => fault.part === 'envoy' && just(fault))
  const { servedBy, status } = outcome
  const store = faults.find((fault) => isStore(fault.part, servedBy) && just(fault))
  if (store !== undefined || ofFunction(outcome)) return store
  const proxy = faults.find((fault) => fault.part === 'envoy' && just(fault))
  if (proxy !== undefined || status !== 503 || servedBy !== null) return proxy
  const away = faults.filter(
    ({ part, at, backAt = never }) => part.startsWith('store ') && at <= call.ended && call.begun <= backAt + excusedMs,
  )
  const master = rules.mayStandAlone ? away.find(({ part }) => isStore(part, rules.masterCluster)) : undefined
  return master ?? (new Set(away.map(({ part }) => part)).size > 1 ? away[0] : undefined)
}

export function judge(call: Call, outcome: Outcome, facts: Facts): Verdict {
  if ('status' in outcome && ofFunction(outcome)) {
    if (outcome.body?.cluster !== outcome.servedBy)
      return { verdict: 'wrong', what: `the header says ${outcome.servedBy}, the function ${outcome.body?.cluster}` }
    if (outcome.status === 200 || outcome.status === 404) return judgeContent(call, outcome, facts)
  }
  const by = excuse(call, outcome, facts)
  if (by !== undefined) return { verdict: 'excused', by: by.part }
  return {
    verdict: 'wrong',
    what: 'failed' in outcome ? outcome.failed : `${outcome.status} ${outcome.text.replace(/\s+/g, ' ').slice(0, 200)}`,
  }
}
