import type { TaskEnd } from '../../db/queue/replica-tasks.ts'
import type { TaskKind } from '../../domain/replica/replica-state.ts'

/** When to sweep again: soon after one that found something, then at intervals that double up to `mostS`. */
export function nextSweep(input: {
  readonly kind: TaskKind
  /** Seconds that were waited before. */
  readonly intervalS: number
  /** Something that events should have told, or that must not be. */
  readonly found: boolean
  readonly leastS: number
  readonly mostS: number
}): TaskEnd {
  const { kind, found, leastS, mostS } = input
  const seconds = Math.min(mostS, found ? leastS : Math.max(input.intervalS, leastS))
  return { end: 'done', kind, seconds, intervalS: Math.ceil(Math.min(mostS, found ? leastS : seconds * 2)) }
}
