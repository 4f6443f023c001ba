// No write may go on where a decision forbids it (I1): each is asked about before it begins, and all that are under way are
// asked about again several times a second.
import { allowedWrites, type WriteGuard } from '../../db/copies/journal-announce.ts'
import type { Sql } from '../../db/core/pool.ts'
import { Interrupted } from '../interrupted.ts'

export type ResidencyGuard = {
  /** While a write is under way; returns what ends the watch. */
  watch(write: WriteGuard, abort: (reason: Interrupted) => void): () => void
  /** Throws `Interrupted` when the write is not allowed. */
  assertAllowed(write: WriteGuard): Promise<void>
  /** Looks now: something was decided. */
  check(): void
  stop(): void
}

export function createResidencyGuard(deps: {
  readonly sql: Sql
  readonly everyMs: number
  readonly onError: (error: unknown) => void
}): ResidencyGuard {
  const watched = new Map<WriteGuard, (reason: Interrupted) => void>()
  let looking = false
  let again = false

  async function look(): Promise<void> {
    again = true
    if (looking) return
    looking = true
    try {
      while (again && watched.size > 0) {
        again = false
        const writes = [...watched.keys()]
        const allowed = await allowedWrites(deps.sql, writes)
        for (const write of writes) if (!allowed.has(write)) watched.get(write)?.(new Interrupted('not-allowed'))
      }
    } catch (error) {
      deps.onError(error) // when it goes on like this the leases end
    } finally {
      looking = false
    }
  }
  const timer = setInterval(() => void look(), deps.everyMs)

  return {
    watch(write, abort) {
      const own = { ...write } // a key of its own: two writes may have the same guard
      watched.set(own, abort)
      return () => void watched.delete(own)
    },
    async assertAllowed(write) {
      const allowed = await allowedWrites(deps.sql, [write])
      if (allowed.size === 0) throw new Interrupted('not-allowed')
    },
    check: () => void look(),
    stop: () => clearInterval(timer),
  }
}
