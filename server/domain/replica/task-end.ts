// What becomes of the work on a whole copy when a run of it ends. Pure. What it means to ask for such work, also while it runs,
// is said in `db/queue/ask.ts`; both meet in the number of the last asking, the mark: a run took it with the task, and where the
// task has another one by its end, it was asked for again.
import type { Trouble } from '../trouble/trouble.ts'
import type { TaskKind } from './replica-state.ts'
import type { InterruptReason, RunCause, RunOutcome } from './run.ts'

export type TaskEnd =
  /** Nothing is left to do for this task: it did it, or found that there is nothing to do. */
  | { readonly end: 'gone'; readonly did: boolean }
  /** Done for now; the next time in so many seconds, by then as this kind. */
  | {
      readonly end: 'done'
      readonly kind: TaskKind
      readonly seconds: number
      /** Looks in a row by now that found nothing that nobody had told. */
      readonly quietLooks: number
    }
  /** Failed or not possible yet. Orders stay in force. `trouble`: why; absent: what is known of it stands. */
  | {
      readonly end: 'again'
      readonly seconds: number
      readonly failed: boolean
      readonly trouble?: Trouble | null
      /** What its history says of it; absent: the trouble. */
      readonly cause?: RunCause | null
      /** It did not end by itself: a look goes on where it was. */
      readonly cutOff?: true
    }

/** What users and FaDO order the next run to do beside the usual. */
export type Orders = {
  readonly allowDeletes: boolean
  readonly overwrite: boolean
  /** Look at each object itself. */
  readonly full: boolean
  readonly resubscribe: boolean
}

/** The mark with which each came last, or 0. */
export type OrderMarks = Readonly<Record<keyof Orders, number>>

/** A task as it stands. Times in milliseconds, by PostgreSQL's clock. */
export type Task = OrderMarks & {
  readonly kind: TaskKind
  readonly mark: number
  readonly dueAt: number
  /** Failures in a row. */
  readonly attempts: number
  readonly quietLooks: number
  /** When the first of these looks began. */
  readonly quietSince: number | null
  /** Why the last run did not end well, and since when it is so. */
  readonly trouble: Trouble | null
  readonly troubleSince: number | null
}

/** The task as a run took it. */
export type TakenTask = Pick<Task, 'kind' | 'mark'> & { readonly beganAt: number }

/** Those that came after a run with this mark had begun. */
function ordersAfter({ allowDeletes, overwrite, full, resubscribe }: OrderMarks, mark: number): OrderMarks {
  const left = (came: number) => (came > mark ? came : 0)
  return {
    allowDeletes: left(allowDeletes),
    overwrite: left(overwrite),
    full: left(full),
    resubscribe: left(resubscribe),
  }
}

/**
 * The task as it stands after this end of a run of it; null: it goes. `task`: as it stands now, with all that was asked of it
 * meanwhile. Whatever was asked is due at once, and nothing of it is lost however the run ends; what the run learnt, and the orders
 * that it carried out, end with it all the same. Work of another kind that took its place begins when and as that was decided.
 */
export function endTask(task: Task, run: TakenTask, end: TaskEnd, now: number): Task | null {
  const isReplaced = task.kind !== run.kind
  const learnt: Task = {
    ...task,
    ...(isReplaced ? {} : { ...quietAfter(task, run, end), ...troubleAfter(task, end, now) }),
    ...(end.end === 'done' ? ordersAfter(task, run.mark) : {}),
    attempts: 0,
  }
  if (isReplaced) return learnt
  if (task.mark !== run.mark) return { ...learnt, dueAt: now }
  switch (end.end) {
    case 'gone':
      return null
    case 'done':
      return { ...learnt, kind: end.kind, dueAt: now + end.seconds * 1000 }
    case 'again':
      return { ...learnt, attempts: task.attempts + (end.failed ? 1 : 0), dueAt: now + end.seconds * 1000 }
  }
}

/**
 * Whether the checkpoint of its look stays. A run that ended by itself came to its end, or found that its look may not be gone
 * on with.
 */
export const keepsCheckpoint = (end: TaskEnd): boolean => end.end === 'again' && end.cutOff === true

/** Where it was asked for again the looks in a row may have been begun anew, and this one was too early to be one more of them. */
function quietAfter(task: Task, run: TakenTask, end: TaskEnd): Partial<Task> {
  if (end.end !== 'done') return {}
  if (end.quietLooks === 0) return { quietLooks: 0, quietSince: null }
  if (task.mark === run.mark) return { quietLooks: end.quietLooks, quietSince: task.quietSince ?? run.beganAt }
  return { quietLooks: Math.min(task.quietLooks, end.quietLooks), quietSince: task.quietSince }
}

function troubleAfter(task: Task, end: TaskEnd, now: number): Partial<Task> {
  const trouble = end.end === 'again' ? end.trouble : null
  if (trouble === undefined) return {}
  return { trouble, troubleSince: trouble === null ? null : (task.troubleSince ?? now) }
}

/** What the end of a run is called in its history. `interrupted`: by what it was ended from outside; null: it ended by itself. */
export function outcomeOf(
  end: TaskEnd,
  interrupted: InterruptReason | null,
): { readonly outcome: RunOutcome; readonly cause: RunCause | null } {
  if (end.end === 'done') return { outcome: 'done', cause: null }
  if (end.end === 'gone') return { outcome: end.did ? 'done' : 'superseded', cause: null }
  switch (interrupted) {
    case 'lease':
      return { outcome: 'lost', cause: null }
    case 'superseded':
      return { outcome: 'superseded', cause: null }
    case 'stopping':
    case 'not-allowed':
      return { outcome: 'postponed', cause: { kind: 'interrupted', by: interrupted } }
    case null:
      return { outcome: end.failed ? 'failed' : 'postponed', cause: end.cause ?? end.trouble ?? null }
  }
}
