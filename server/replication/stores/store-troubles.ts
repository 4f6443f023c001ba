// Shows what this mover suffers of whole stores, for as long as it does. Work waits for none of it.
import { endStoreTrouble, recordStoreTrouble, renewStoreTroubles } from '../../db/copies/store-troubles.ts'
import type { Pool, Tx } from '../../db/core/pool.ts'
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
  readonly log: Log
  readonly owner: string
}): StoreTroubles {
  const { pool, log, owner } = deps
  const shown = new Map<string, StoreProblem | null>()
  const running = new Set<Promise<void>>()

  function write(work: (tx: Tx) => Promise<void>): void {
    const one = pool
      .transaction(work)
      .catch((error: unknown) => log.warn({ err: error }, 'the state of a store could not be written'))
      .finally(() => running.delete(one))
    running.add(one)
  }
  /** What holds when it is written counts: a store may come and go meanwhile. */
  const show = (storageId: string) =>
    write(async (tx) => {
      const problem = shown.get(storageId) ?? null
      if (problem === null) await endStoreTrouble(tx, owner, storageId)
      else await recordStoreTrouble(tx, owner, storageId, problem)
    })
  const timer = setInterval(() => write((tx) => renewStoreTroubles(tx, owner, silentSeconds)), renewMs)

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
