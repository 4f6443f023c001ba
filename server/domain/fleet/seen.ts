// What a probe shows of a store or a function deployment, as it is to be kept, and what follows from it.
import { type Health, type HealthBefore, nextHealth } from './failback.ts'
import type { HealthCause, ProbeTrouble } from './health-cause.ts'
import type { Verdict } from './health-verdict.ts'
import { hasRestarted } from './restarted.ts'

export type HealthSeen = {
  readonly health: Health
  /** It stays what it is, and the time since when it is so begins again. */
  readonly anew: boolean
  /** Null while nothing is amiss. */
  readonly cause: HealthCause | null
  readonly detail: string | null
}

const doubt =
  "Most are silent at once, so FaDO's own network may be to blame: calls still go there, for at most 10 s in all"

/** Undefined while it is not certain. `trouble`: null when it is well. */
export function seenOf(
  before: HealthBefore,
  verdict: Pick<Verdict, 'state' | 'watched'>,
  trouble: ProbeTrouble | null,
): HealthSeen | undefined {
  const next = nextHealth(before, verdict)
  if (next !== undefined) return { ...next, cause: trouble?.cause ?? null, detail: trouble?.detail ?? null }
  const { health } = before
  if (verdict.state !== 'doubted' || health === 'unhealthy' || trouble === null) return undefined
  return { health, anew: false, cause: 'DOUBTED', detail: `${trouble.detail}. ${doubt}` }
}

/** As it is kept until now. */
type Kept = Pick<HealthSeen, 'health' | 'cause'>

const differs = (before: Kept, { health, cause, anew }: HealthSeen): boolean =>
  anew || health !== before.health || cause !== before.cause

export type StoreNews = {
  /** What is kept of its health is another. */
  readonly health: boolean
  /** Since when its process runs is another, or is known for the first time. */
  readonly process: boolean
  readonly restarted: boolean
  /** Events may be lost: it was away, or began anew. */
  readonly gap: boolean
}

/** `runsSeconds`, `uptime`: how long its process runs, by what is kept and by what it tells now; null: not known. */
export function newsOfStore(
  before: Kept & { readonly runsSeconds: number | null },
  seen: HealthSeen,
  { uptime, returned }: { readonly uptime: number | null } & Pick<Verdict, 'returned'>,
): StoreNews {
  const restarted = uptime !== null && hasRestarted(uptime, before.runsSeconds)
  return {
    health: differs(before, seen),
    process: restarted || (uptime !== null && before.runsSeconds === null),
    restarted,
    gap: returned || restarted || (seen.cause === null && before.health === 'unhealthy'),
  }
}

export type FunctionNews = {
  /** What is kept of it is another. */
  readonly any: boolean
  /** As it is known now: it has nothing where its health is asked. */
  readonly lacksPath: boolean
}

/** `addresses`: those that calls should go to; none: those that are known stay. What it lacks is told by one that is well alone. */
export function newsOfFunctions(
  before: Kept & { readonly addresses: readonly string[]; readonly lacksPath: boolean },
  seen: HealthSeen,
  probed: {
    readonly trouble: ProbeTrouble | null
    readonly addresses: readonly string[]
    readonly lacksPath?: boolean
  },
): FunctionNews {
  const { trouble, addresses } = probed
  const moved = addresses.length > 0 && addresses.join() !== before.addresses.join()
  const lacksPath = trouble === null ? probed.lacksPath === true : before.lacksPath
  return {
    any: moved || lacksPath !== before.lacksPath || differs(before, seen),
    lacksPath,
  }
}
