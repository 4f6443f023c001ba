// Claims due work on whole copies and does it, each under its lease.

import { loadCopy } from '../../db/copies/copies.ts'
import { observe } from '../../db/copies/replica.ts'
import type { Wakeups } from '../../db/core/notify.ts'
import { type ClaimedTask, claimTasks, nextDueTask, type TaskRoom } from '../../db/queue/claim-tasks.ts'
import { finishTask } from '../../db/queue/finish-task.ts'
import { findFillable } from '../../db/queue/held-objects.ts'
import { renewTasks } from '../../db/queue/running-tasks.ts'
import type { CopyId } from '../../domain/replica/copy-id.ts'
import type { TaskKind } from '../../domain/replica/replica-state.ts'
import { endedRun, type InterruptReason, noFigures, type RunFigures } from '../../domain/replica/run.ts'
import { outcomeOf, type TaskEnd } from '../../domain/replica/task-end.ts'
import { startWorkLoop, type WorkLoop } from '../../work-loop.ts'
import { afterFailure } from '../after-failure.ts'
import { createLeases, type Lease } from '../claims/leases.ts'
import { Interrupted } from '../interrupted.ts'
import { thisMoment } from '../moment.ts'
import { deleteMaster } from './delete-master.ts'
import { evict } from './evict.ts'
import { firstSync } from './first-sync.ts'
import { sweepMaster } from './master-sweep.ts'
import { rebuildMaster } from './rebuild-master.ts'
import { release } from './release.ts'
import { sweepReplica } from './sweep.ts'
import { againIn, putOff, type TaskDeps, type TaskRun, type TaskRunner } from './task-work.ts'

const runners: Readonly<Record<TaskKind, TaskRunner>> = {
  first_sync: firstSync,
  sweep: sweepReplica,
  evict,
  release,
  master_sweep: sweepMaster,
  master_rebuild: rebuildMaster,
  master_delete: deleteMaster,
}

/** As it is counted. */
const countedAs = (end: TaskEnd) => (end.end !== 'again' ? 'done' : end.failed ? 'failed' : 'postponed')

/** By what a run was ended from outside; null: it ended by itself. */
const interruptedBy = ({ aborted, reason }: AbortSignal): InterruptReason | null =>
  aborted && reason instanceof Interrupted ? reason.reason : null

export type TaskLoop = { stop(): Promise<void> }

export function startTaskLoop(
  deps: TaskDeps & { readonly wakeups: Pick<Wakeups, 'on'>; readonly owner: string },
): TaskLoop {
  const { pool, log, owner, limits, times, stores, bandwidth, metrics } = deps
  const seconds = times.lease / 1000
  const busy = new Map<string, number>()
  const running = new Set<Promise<void>>()
  const stopping = new AbortController()
  const idOf = (id: { bucketId: string; storageId: string }) => `${id.bucketId} ${id.storageId}`
  const leases = createLeases<ClaimedTask>({
    times,
    onError: (error) => log.warn({ err: error }, 'leases of tasks could not be prolonged'),
    async renew(rows) {
      const still = new Map((await renewTasks(pool, { owner, seconds }, rows)).map((row) => [idOf(row), row]))
      return (row) => {
        const now = still.get(idOf(row))
        if (now === undefined) return new Interrupted('lease')
        if (now.kind !== row.kind) return new Interrupted('superseded')
        return now.held ? new Interrupted('not-allowed') : 'held'
      }
    },
  })

  /** The replica's own store refuses its first sync: that is more than a delay. */
  async function failFirstSync(claim: ClaimedTask): Promise<void> {
    await pool.transaction(async (tx) => {
      const copy = await loadCopy(tx, claim.bucketId, claim.storageId)
      if (copy?.replica != null) await observe(tx, copy.replica.id, 'fail')
    })
  }

  async function endAfter(error: unknown, run: TaskRun): Promise<TaskEnd> {
    const waits = { broken: times.storeRetry, first: 4 * times.backoff }
    const { waitMs, failure, trouble } = await afterFailure(deps, run, error, waits)
    if (failure === null) return { ...putOff(waitMs, trouble), cutOff: true }
    const { claim } = run
    if (claim.kind === 'first_sync' && stores.originOf(error) === claim.storageId) await failFirstSync(claim)
    return { ...againIn(waitMs, { kind: 'call', ...failure }), failed: true, cutOff: true }
  }

  async function work(claim: ClaimedTask, lease: Lease): Promise<void> {
    let left = false
    const leave = () => {
      if (left) return
      left = true
      busy.set(claim.storageId, (busy.get(claim.storageId) ?? 0) - 1)
      loop.wake()
    }
    const begunAt = performance.now()
    let figures: RunFigures = noFigures
    const tell = (more: Partial<RunFigures>) => {
      figures = { ...figures, ...more }
    }
    const run: TaskRun = { claim, signal: lease.signal, abort: lease.abort, holds: lease.holds, leave, tell }
    try {
      const end = await runners[claim.kind](deps, run).catch((error: unknown) => endAfter(error, run))
      metrics.task(claim.kind, countedAs(end), (performance.now() - begunAt) / 1000)
      const told = endedRun(claim.kind, outcomeOf(end, interruptedBy(lease.signal)), figures)
      await pool.transaction((tx) => finishTask(tx, owner, claim, end, told))
    } catch (error) {
      log.warn({ err: error }, 'the end of a task could not be written') // then its lease ends by itself
    } finally {
      lease.release()
      leave()
    }
  }

  let lookedAt: CopyId | null = null
  /** Of first copies that need these, a page of all at each look. */
  async function nextFillable(brokenMasters: readonly string[]): Promise<readonly CopyId[]> {
    if (brokenMasters.length === 0) return []
    const { fillable, last } = await findFillable(pool, brokenMasters, lookedAt)
    lookedAt = last
    return fillable
  }

  /** Broken stores are tried by one task at a time, and those that need a broken master wait until it may be tried. */
  async function room(): Promise<TaskRoom> {
    const free = new Map([...busy].map(([id, count]) => [id, Math.max(0, limits.tasksPerStore - count)]))
    const broken = [...stores.broken()]
    for (const [id, { tryNow }] of broken) free.set(id, tryNow ? Math.min(1, free.get(id) ?? 1) : 0)
    const brokenMasters = broken.filter(([, { tryNow }]) => !tryNow).map(([id]) => id)
    const fillable = await nextFillable(brokenMasters)
    return { free, otherwise: limits.tasksPerStore, brokenMasters, fillable, served: deps.served.now() }
  }

  const loop: WorkLoop = startWorkLoop({
    idleMs: times.idle,
    onError: (error) => log.warn({ err: error }, 'tasks could not be claimed'),
    async step() {
      if (stopping.signal.aborted || !bandwidth.known()) return undefined
      const free = await room()
      const sentAt = thisMoment()
      const claims = await claimTasks(pool, { owner, seconds }, free)
      const touched = new Set(claims.flatMap(({ storageId, masterStorageId }) => [storageId, masterStorageId]))
      stores.tried([...stores.broken().keys()].filter((id) => touched.has(id)))
      for (const claim of claims) {
        busy.set(claim.storageId, (busy.get(claim.storageId) ?? 0) + 1)
        const one = work(claim, leases.hold(claim, sentAt)).finally(() => running.delete(one))
        running.add(one)
      }
      return nextDueTask(pool)
    },
  })
  const off = deps.wakeups.on('task', () => {
    leases.check() // a task under way may be another one by now
    loop.wake()
  })

  return {
    async stop() {
      off()
      stopping.abort()
      await loop.stop()
      leases.abortAll(new Interrupted('stopping'))
      await Promise.all(running)
      leases.stop()
    },
  }
}
