import type { MoverPolicies } from '../../db/copies.ts'
import type { TaskEnd } from '../../db/replica-tasks.ts'
import type { TaskKind } from '../../domain/decide-bucket.ts'
import type { Times } from '../settings.ts'

/**
 * When to sweep again: soon after trouble, then at doubling intervals. A master whose store tells nothing of changes is
 * swept twice within `max_staleness`: what was found later than that would take all replicas out of service at once.
 */
export function nextSweep(input: {
  readonly kind: TaskKind
  /** What was waited before. */
  readonly intervalS: number
  readonly policies: Pick<MoverPolicies, 'maxStaleness' | 'hasEvents'>
  readonly trouble: boolean
  readonly times: Pick<Times, 'sweepMinS' | 'sweepMaxS'>
}): TaskEnd {
  const { kind, policies, trouble, times } = input
  const most = policies.hasEvents ? times.sweepMaxS : Math.max(1, policies.maxStaleness / 2)
  const seconds = Math.min(most, trouble ? times.sweepMinS : Math.max(input.intervalS, times.sweepMinS))
  const intervalS = Math.ceil(Math.min(times.sweepMaxS, trouble ? times.sweepMinS : seconds * 2))
  return { end: 'done', kind, seconds, intervalS: policies.hasEvents ? intervalS : Math.ceil(seconds) }
}
