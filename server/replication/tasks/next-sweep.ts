import type { MoverPolicies } from '../../db/copies/mover-policies.ts'
import type { TaskEnd } from '../../db/queue/replica-tasks.ts'
import type { TaskKind } from '../../domain/decide/bucket-state.ts'
import type { Times } from '../settings.ts'

/** When to sweep again: soon after trouble, then at intervals that double up to `mostS`. */
export function nextSweep(input: {
  readonly kind: TaskKind
  /** Seconds that were waited before. */
  readonly intervalS: number
  /** Something was found that events should have told, or that must not be. */
  readonly trouble: boolean
  readonly leastS: number
  readonly mostS: number
}): TaskEnd {
  const { kind, trouble, leastS, mostS } = input
  const seconds = Math.min(mostS, trouble ? leastS : Math.max(input.intervalS, leastS))
  return { end: 'done', kind, seconds, intervalS: Math.ceil(Math.min(mostS, trouble ? leastS : seconds * 2)) }
}

/**
 * The longest a master goes unlooked at. One whose store tells nothing of changes is swept twice within `max_staleness`:
 * what was found later than that would take all replicas out of service at once.
 */
export const mostBetweenMasterSweeps = (
  { hasEvents, maxStaleness }: Pick<MoverPolicies, 'hasEvents' | 'maxStaleness'>,
  { sweepMaxS }: Pick<Times, 'sweepMaxS'>,
): number => (hasEvents ? sweepMaxS : Math.min(sweepMaxS, Math.max(1, maxStaleness / 2)))
