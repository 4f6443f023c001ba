// What the work on whole copies uses.

import type { Pool } from '../../db/core/pool.ts'
import type { ClaimedTask, TaskEnd } from '../../db/queue/replica-tasks.ts'
import type { Trouble } from '../../domain/trouble/trouble.ts'
import type { Log } from '../../log.ts'
import type { Interrupted } from '../interrupted.ts'
import type { ResidencyGuard } from '../keys/residency-guard.ts'
import type { MoverMetrics } from '../report/mover-metrics.ts'
import type { Reporter } from '../report/reporter.ts'
import type { Limits, Times } from '../settings.ts'
import type { CreationDates } from '../stores/bucket-identity.ts'
import type { Uptimes } from '../stores/master-evidence.ts'
import type { Stores } from '../stores/stores.ts'

export type TaskDeps = {
  readonly pool: Pool
  readonly log: Log
  readonly stores: Stores
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
  /** The heavy part is over: another task of this store may begin. */
  leave(): void
}

export type TaskRunner = (deps: TaskDeps, run: TaskRun) => Promise<TaskEnd>

export const gone: TaskEnd = { end: 'gone' }
/** `trouble`: why it cannot be done now; absent: nothing new is known of that. */
export const againIn = (ms: number, trouble?: Trouble | null): TaskEnd => ({
  end: 'again',
  seconds: ms / 1000,
  failed: false,
  ...(trouble === undefined ? {} : { trouble }),
})
