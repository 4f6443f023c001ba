// Duties that one process of all has: it holds an advisory lock on a connection of its own.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from './pool.ts'

const retryMs = 2_000

/**
 * Calls `lead` whenever this process becomes the leader of `duty`, and what it returned when it is no longer, because of
 * `stop` or a lost connection. Another process takes over within about 2 s.
 */
export function startLeadership(deps: {
  pool: Pool
  duty: number
  lead: () => () => Promise<void>
  onError: (error: unknown) => void
}): { stop(): Promise<void> } {
  const { pool, duty, lead, onError } = deps
  const stopping = new AbortController()

  async function term(): Promise<void> {
    const client = await pool.dedicated()
    const ended = new Promise<void>((resolve) => {
      client.on('error', onError)
      client.on('end', () => resolve())
      stopping.signal.addEventListener('abort', () => resolve(), { once: true })
    })
    try {
      while (!stopping.signal.aborted) {
        const { rows } = await client.query<{ won: boolean }>('SELECT pg_try_advisory_lock(72707370, $1) AS won', [
          duty,
        ])
        if (rows[0]?.won === true) break
        await sleep(retryMs, undefined, { signal: stopping.signal })
      }
      if (stopping.signal.aborted) return
      const resign = lead()
      await ended
      await resign()
    } finally {
      await client.end().catch(() => undefined) // the lock goes with the connection
    }
  }

  async function run() {
    while (!stopping.signal.aborted) {
      try {
        await term()
        if (!stopping.signal.aborted) await sleep(retryMs, undefined, { signal: stopping.signal })
      } catch (error) {
        if (stopping.signal.aborted) return
        onError(error)
        await sleep(retryMs, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }
  const running = run()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}
