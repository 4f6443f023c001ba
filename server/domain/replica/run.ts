// How work on a whole copy went, as its history tells it. Pure; the sentences are made in `say-run.ts`.
import type { Trouble } from '../trouble/trouble.ts'
import type { TaskKind } from './replica-state.ts'

/**
 * `postponed`: it was not possible yet, or was interrupted; `superseded`: other work took its place; `lost`: its lease ran out,
 * for its mover was gone or cut off.
 */
export type RunOutcome = 'done' | 'failed' | 'postponed' | 'superseded' | 'lost'

/**
 * Why work under way was ended from outside:
 * - `lease`: the lease is about to end or was taken by another
 * - `not-allowed`: a decision forbids the write, or may
 * - `superseded`: the task is another one by now
 * - `stopping`: the mover stops
 */
export type InterruptReason = 'lease' | 'not-allowed' | 'superseded' | 'stopping'

/** `stopping`: its mover was stopped; `not-allowed`: a pause or a decision forbade to go on. */
export type RunCause =
  | Trouble
  | { readonly kind: 'interrupted'; readonly by: 'stopping' | 'not-allowed' }
  /** No trouble: the look went on where a run before was cut off. */
  | { readonly kind: 'went_on' }

/** `bytes` null: they were not counted. */
export type RunAmount = { readonly objects: number; readonly bytes: number | null }

/** What a run tells of itself while it goes on. */
export type RunFigures = {
  /** What it found to do; null: it did not come to that. */
  readonly found: RunAmount | null
  /** What of that it did itself; null of comparisons, which only mark keys. */
  readonly done: RunAmount | null
  /** What it has to say though it ended well. */
  readonly note: RunCause | null
}
export const noFigures: RunFigures = { found: null, done: null, note: null }

export type EndedRun = Pick<RunFigures, 'found' | 'done'> & {
  readonly kind: TaskKind
  readonly outcome: RunOutcome
  readonly cause: RunCause | null
  /** A comparison that found nothing. */
  readonly quiet: boolean
  /** The next that ends alike is told together with it. */
  readonly folds: boolean
}

/**
 * What a run leaves in the history; null: nothing, for it was put off, or there was no copy any more, before it began and without
 * a cause of its own.
 */
export function endedRun(
  kind: TaskKind,
  { outcome, cause }: { readonly outcome: RunOutcome; readonly cause: RunCause | null },
  { found, done, note }: RunFigures,
): EndedRun | null {
  const why = cause ?? note
  const some = (found?.objects ?? 0) + (done?.objects ?? 0) > 0
  const began = found !== null || done !== null || why !== null
  if (!began && (outcome === 'postponed' || outcome === 'superseded')) return null
  const compares = kind === 'sweep' || kind === 'master_sweep'
  const quiet = outcome === 'done' && compares && !some && why === null
  return {
    kind,
    outcome,
    cause: why,
    found,
    done,
    quiet,
    folds: !some && (quiet || outcome === 'failed' || outcome === 'postponed'),
  }
}
