// What the work on whole copies uses.

import type { Pool } from '../../db/core/pool.ts'
import type { ClaimedTask } from '../../db/queue/claim-tasks.ts'
import type { RunCause, RunFigures } from '../../domain/replica/run.ts'
import type { TaskEnd } from '../../domain/replica/task-end.ts'
import type { Trouble } from '../../domain/trouble/trouble.ts'
import type { Log } from '../../log.ts'
import type { Interrupted } from '../interrupted.ts'
import type { ResidencyGuard } from '../keys/residency-guard.ts'
import type { LinksServed } from '../links/served-links.ts'
import type { MoverMetrics } from '../report/mover-metrics.ts'
import type { Reporter } from '../report/reporter.ts'
import type { Limits, Times } from '../settings.ts'
import type { Bandwidth } from '../stores/bandwidth.ts'
import type { CreationDates } from '../stores/bucket-identity.ts'
import type { Uptimes } from '../stores/master-evidence.ts'
import type { Stores } from '../stores/stores.ts'

export type TaskDeps = {
  readonly pool: Pool
  readonly log: Log
  readonly stores: Stores
  readonly served: LinksServed
  readonly bandwidth: Pick<Bandwidth, 'known'>
  readonly guard: ResidencyGuard
  readonly creationDates: CreationDates
  readonly uptimes: Uptimes
  readonly reporter: Reporter
  readonly metrics: MoverMetrics
  readonly limits: Limits
  readonly times: Times
}

export type TaskRun = {
  readonly claim: ClaimedTask
  readonly signal: AbortSignal
  readonly abort: (reason: Interrupted) => void
  /** Nobody else can have begun to work on the copy yet. */
  readonly holds: () => boolean
  /** The heavy part is over: another task of this store may begin. */
  leave(): void
  /** For the history of the copy; what is said later stands. */
  tell(figures: Partial<RunFigures>): void
}

export type TaskRunner = (deps: TaskDeps, run: TaskRun) => Promise<TaskEnd>

/** There is nothing to do any more. */
export const gone: TaskEnd = { end: 'gone', did: false }
/** It is done, for good. */
export const finished: TaskEnd = { end: 'gone', did: true }
type Again = Extract<TaskEnd, { end: 'again' }>
/** `trouble`: why it cannot be done now; absent: nothing new is known of that. */
export const againIn = (ms: number, trouble?: Trouble | null): Again => ({
  end: 'again',
  seconds: ms / 1000,
  failed: false,
  ...(trouble === undefined ? {} : { trouble }),
})
/** Nothing is the matter with the task itself; its history keeps why. */
export const putOff = (ms: number, cause: RunCause | null): Again => ({
  ...{ end: 'again', seconds: ms / 1000, failed: false },
  ...(cause === null ? {} : { cause }),
})
