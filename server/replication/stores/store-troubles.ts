// Shows what this mover suffers of whole stores, for as long as it does. Work waits for none of it.
import { endStoreTrouble, recordStoreTrouble, renewStoreTroubles } from '../../db/copies/store-troubles.ts'
import type { Wakeups } from '../../db/core/notify.ts'
import type { Pool, Sql } from '../../db/core/pool.ts'
import type { StoreProblem } from '../../domain/trouble/trouble.ts'
import type { Log } from '../../log.ts'

export type StoreTroubles = {
  begin(storageId: string, problem: StoreProblem): void
  end(storageId: string): void
  /** What is shown is taken away: nobody suffers it any more. */
  stop(): Promise<void>
}

const renewMs = 5_000
const silentSeconds = 20

export function createStoreTroubles(deps: {
  readonly pool: Pool
  readonly wakeups: Wakeups
  readonly log: Log
  readonly owner: string
}): StoreTroubles {
  const { pool, wakeups, log, owner } = deps
  const shown = new Map<string, StoreProblem | null>()
  const running = new Set<Promise<void>>()

  function write(work: (sql: Sql) => Promise<boolean>): void {
    const one = pool
      .transaction(work)
      .then((news) => {
        if (news) for (const topic of ['bucket', 'object', 'event'] as const) wakeups.wake(topic)
      })
      .catch((error: unknown) => log.warn({ err: error }, 'the state of a store could not be written'))
      .finally(() => running.delete(one))
    running.add(one)
  }
  /** What holds when it is written counts: a store may come and go meanwhile. */
  const show = (storageId: string) =>
    write(async (sql) => {
      const problem = shown.get(storageId) ?? null
      if (problem === null) await endStoreTrouble(sql, owner, storageId)
      else await recordStoreTrouble(sql, owner, storageId, problem)
      return true
    })
  const timer = setInterval(() => write((sql) => renewStoreTroubles(sql, owner, silentSeconds)), renewMs)

  function set(storageId: string, problem: StoreProblem | null): void {
    shown.set(storageId, problem)
    show(storageId)
  }
  return {
    begin: set,
    end: (storageId) => set(storageId, null),
    async stop() {
      clearInterval(timer)
      for (const [storageId, problem] of shown) if (problem !== null) set(storageId, null)
      while (running.size > 0) await Promise.all(running)
    },
  }
}
