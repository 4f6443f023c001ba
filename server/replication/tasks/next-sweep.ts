import type { TaskEnd } from '../../db/queue/replica-tasks.ts'
import type { TaskKind } from '../../domain/replica/replica-state.ts'

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
