// The mover: makes copies what their masters are. It takes its work from the database under leases, so any number of movers
// may run, and one that dies is replaced by another where it stopped.
import { createKeyStatements } from '../db/copies/key-statements.ts'
import type { Wakeups } from '../db/core/notify.ts'
import type { Pool } from '../db/core/pool.ts'
import { lookNow } from '../db/queue/dirty-objects.ts'
import type { LinkRule } from '../domain/links/served-links.ts'
import type { Log } from '../log.ts'
import { startKeyLoop } from './claims/key-loop.ts'
import { createResidencyGuard } from './keys/residency-guard.ts'
import { createSourceWaits } from './keys/source-waits.ts'
import { startServedLinks } from './links/served-links.ts'
import { type MoverMetrics, unwatched } from './report/mover-metrics.ts'
import { createReporter } from './report/reporter.ts'
import { defaultLimits, defaultTimes, type Limits, type Times } from './settings.ts'
import { createBandwidth } from './stores/bandwidth.ts'
import { createSharedAnswers } from './stores/shared-answers.ts'
import { createStoreTroubles } from './stores/store-troubles.ts'
import { createStores, type StorageFor } from './stores/stores.ts'
import { startForeignBucketWatch } from './tasks/foreign-bucket-watch.ts'
import { startTaskLoop } from './tasks/task-loop.ts'

export type Mover = {
  /** May be called twice. */
  start(): void
  /** Gives back what is under way; drivers and pool stay open. May be called twice. */
  stop(): Promise<void>
}

export function createMover(options: {
  readonly pool: Pool
  readonly wakeups: Pick<Wakeups, 'on'>
  readonly storageFor: StorageFor
  readonly log: Log
  /** Names this process as the owner of leases: a UUID of its own for each start. */
  readonly owner: string
  /** The links that it works on, by names of stores; default: all. */
  readonly links?: readonly LinkRule[] | null
  /** Default: nobody watches. */
  readonly metrics?: MoverMetrics
  readonly limits?: Partial<Limits>
  readonly times?: Partial<Times>
}): Mover {
  let stop: (() => Promise<void>) | null = null
  let stopped: Promise<void> | null = null
  return {
    start() {
      if (stopped === null) stop ??= run(options)
    },
    stop() {
      stopped ??= stop?.() ?? Promise.resolve()
      return stopped
    },
  }
}

function run(options: Parameters<typeof createMover>[0]): () => Promise<void> {
  const { pool, wakeups, storageFor, log, owner, metrics = unwatched } = options
  const limits = { ...defaultLimits, ...options.limits }
  const times = { ...defaultTimes, ...options.times }
  const troubles = createStoreTroubles({ pool, log, owner })
  const bandwidth = createBandwidth({
    ...{ pool, owner },
    onChange() {
      for (const topic of ['bucket', 'task', 'object'] as const) pool.wake(topic)
    },
    onError: (error) => log.warn({ err: error }, 'shares of bandwidth limits could not be leased'),
  })
  const stores = createStores({
    ...{ storageFor, bandwidth },
    retryMs: times.storeRetry,
    noWritesMs: times.noWrites,
    onProblem({ id, name }, problem) {
      if (problem === null) {
        lookNow(pool, { id, name }, times.lateWrite / 1000).catch((error: unknown) =>
          log.warn({ err: error }, 'what waited for a store waits a while longer'),
        )
        log.info({ store: name }, 'a store answers again')
        troubles.end(id)
        return
      }
      log.warn({ store: name, problem }, 'a store cannot be worked with')
      troubles.begin(id, problem)
    },
  })
  const guard = createResidencyGuard({
    sql: pool,
    everyMs: times.guard,
    onError: (error) => log.warn({ err: error }, 'writes under way could not be checked'),
  })
  const reporter = createReporter({
    pool,
    everyMs: times.report,
    onError: (error) => log.warn({ err: error }, 'the figures of a replica could not be written'),
  })
  // Many wait for one answer, e.g. of deletes by the thousand.
  const creationDates = createSharedAnswers<ReadonlyMap<string, number>>(times.confirm)
  const uptimes = createSharedAnswers<number | null>(times.confirm)
  const statements = createKeyStatements(pool, owner)
  const served = startServedLinks({ sql: pool.lazily, owner, log, rules: options.links ?? null })
  const deps = {
    pool,
    statements,
    log,
    stores,
    bandwidth,
    served,
    guard,
    reporter,
    metrics,
    limits,
    times,
    owner,
    creationDates,
    uptimes,
    sourceWaits: createSourceWaits(),
  }
  const keys = startKeyLoop({ ...deps, wakeups })
  const tasks = startTaskLoop({ ...deps, wakeups })
  const foreign = startForeignBucketWatch(deps)
  const off = wakeups.on('bucket', guard.check)

  return async () => {
    off()
    await Promise.all([keys.stop(), tasks.stop(), foreign.stop()])
    await Promise.all([reporter.stop(), bandwidth.stop(), served.stop()])
    guard.stop()
    await troubles.stop()
  }
}
