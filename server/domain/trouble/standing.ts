// Which of the known facts hold a master or a copy up: the ones that explain it, and not what only follows from them.
import type { Observed, TaskKind } from '../replica/replica-state.ts'
import {
  type CallFailure,
  type ConflictSample,
  type MasterStop,
  problemOfReads,
  type Standing,
  type StoreProblem,
  type Trouble,
} from './trouble.ts'

export type Since<T> = { readonly what: T; readonly since: number | null }

/** What is known of a bucket's master. */
export type MasterFacts = {
  readonly store: string
  readonly bucket: string
  readonly stop: Since<MasterStop> | null
  readonly problem: Since<StoreProblem> | null
  /** Why the last look at it, or its deletion, did not end well. */
  readonly task: Since<Trouble> | null
}

export function masterTroubles({ store, bucket, stop, problem, task }: MasterFacts): Standing[] {
  if (stop !== null) return [{ trouble: { kind: `master_${stop.what}`, store, bucket }, since: stop.since }]
  const unread = problemOfReads(problem?.what ?? null)
  if (unread !== null) return [{ trouble: { kind: 'store', store, problem: unread }, since: problem?.since ?? null }]
  return task === null ? [] : [{ trouble: task.what, since: task.since }]
}

/**
 * What stands against the work that is due on a copy. What other work suffered there is past, e.g. the first sync of a copy that
 * is taken away now; it goes from the table when the new work is written there.
 */
export function dueTrouble<T>(copy: {
  readonly wanted: boolean
  readonly observed: Observed
  readonly task: TaskKind | null
  readonly trouble: T
}): T | null {
  const leaves = copy.task === 'evict' || copy.task === 'release'
  const isDue = leaves ? !copy.wanted || copy.observed === 'deleting' : copy.wanted
  return isDue ? copy.trouble : null
}

/** What the keys of a copy suffer, as it was last counted. */
export type KeysTrouble = {
  readonly conflicts: readonly ConflictSample[]
  readonly failing: { readonly count: number; readonly example: CallFailure } | null
}

export type CopyFacts = {
  readonly store: string
  readonly wanted: boolean
  /** Something is to be done there: keys wait, or the whole copy is not as it is wanted. */
  readonly busy: boolean
  readonly problem: Since<StoreProblem> | null
  readonly task: Since<Trouble> | null
  readonly keys: KeysTrouble | null
  readonly braked: Since<number>
  readonly master: MasterFacts
}

/** The most explaining first; empty when nothing is known to be wrong. */
export function replicaTroubles(facts: CopyFacts): Standing[] {
  const { store, wanted, busy, problem, task, keys, braked, master } = facts
  if (wanted && master.stop !== null) return masterTroubles(master)
  if (busy && problem !== null)
    return [{ trouble: { kind: 'store', store, problem: problem.what }, since: problem.since }]
  const own: Standing[] = task === null ? [] : [{ trouble: task.what, since: task.since }]
  if (!wanted) return own
  for (const sample of keys?.conflicts ?? []) own.push({ trouble: { kind: 'conflicts', store, sample }, since: null })
  if (braked.what > 0) own.push({ trouble: { kind: 'braked', store, count: braked.what }, since: braked.since })
  if (keys?.failing) own.push({ trouble: { kind: 'keys', store, ...keys.failing }, since: null })
  return own.length > 0 ? own : masterTroubles(master)
}
