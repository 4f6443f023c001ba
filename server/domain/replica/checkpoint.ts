// How far a look at a whole copy or master is, kept with its task, so that one that was cut off goes on there. Pure. A run that
// ends by itself takes it away (`task-end.ts`).
import type { TaskKind } from './replica-state.ts'

/** What a look is at. */
export type LookAt = {
  readonly kind: Extract<TaskKind, 'first_sync' | 'sweep' | 'master_sweep'>
  /** With which its run took the task. */
  readonly mark: number
  /** Grows when what it sums up has another shape: the checkpoint may be one of another version of FaDO. */
  readonly shape: number
  /** When the buckets that it lists were made, by their stores' clocks; null: not known. */
  readonly buckets: readonly (number | null)[]
}

/** Times in milliseconds, by PostgreSQL's clock. */
export type Checkpoint = LookAt & {
  /** All keys up to this one were compared, what was found is marked, and nothing was to be deleted. */
  readonly after: string
  /** When its first run began: all that is known by the look is as old as that. */
  readonly startedAt: number
  readonly savedAt: number
  /** What all its runs counted. */
  readonly sums: unknown
}

/**
 * Milliseconds. What changed before the checkpoint, and no event told, waits for the look after this one. So a pause may be as long
 * as it takes to start a mover or a store again, or to end a short outage. It also ends a look that cannot go on from there.
 */
export const longestPause = 3_600_000

export type Present = {
  readonly now: number
  /** When the last look that came to its end had begun. */
  readonly lastLook: number | null
  /** The master is stopped: a look that begins after the stop ends it. */
  readonly stopped: boolean
}

/**
 * The checkpoint, where the look goes on from it; null: it begins with the first key. It goes on as the same look only: whoever asked
 * since (the mark) asked for one that begins after that, and of another bucket nothing was compared yet. One that begins later than
 * now, for the clock was set back, would say of what happens until then that it was seen.
 */
export function usable(checkpoint: Checkpoint, look: LookAt, { now, lastLook, stopped }: Present): Checkpoint | null {
  if (checkpoint.kind !== look.kind || checkpoint.mark !== look.mark || checkpoint.shape !== look.shape) return null
  const sameBuckets = look.buckets.every((made, place) => made !== null && made === checkpoint.buckets[place])
  const pause = now - checkpoint.savedAt
  if (!sameBuckets || stopped || pause < 0 || pause > longestPause) return null
  return checkpoint.startedAt > (lastLook ?? 0) ? checkpoint : null
}
