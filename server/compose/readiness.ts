// Whether a process can work: its database answers, and tells it of news.
import type { Wakeups } from '../db/core/notify.ts'
import { saysOfDatabase } from '../db/core/outage.ts'
import type { Pool } from '../db/core/pool.ts'

const readyMs = 1_000

/** Resolves to why not, in words, so that who looks at a probe need not look for the log; undefined: it can. */
export function createReadiness(deps: {
  readonly pool: Pool
  readonly wakeups: Pick<Wakeups, 'isListening'>
  /** Why nothing works though the database answers; undefined: it does. */
  readonly problem: () => string | undefined
}): () => Promise<string | undefined> {
  const { pool, wakeups, problem } = deps
  const silent = () =>
    new Promise<string>((resolve) => setTimeout(resolve, readyMs, `no answer within ${readyMs / 1000} s`).unref())
  return async () => {
    const answered = pool.query('SELECT 1').then(
      () => undefined,
      (error: unknown) => (error instanceof Error && error.message) || String(error),
    )
    const trouble = await Promise.race([answered, silent()])
    if (trouble !== undefined) return saysOfDatabase(trouble)
    if (!wakeups.isListening()) return 'The connection that LISTENs at PostgreSQL is lost, and is being opened again'
    return problem()
  }
}
