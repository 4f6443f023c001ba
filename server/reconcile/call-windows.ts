// What this process's Envoys tell of calls: counted here, written down as a window every few seconds.

import type { Pool } from '../db/core/pool.ts'
import { writeCallWindow } from '../db/proxies/call-windows.ts'
import { noteKeyRefusals } from '../db/proxies/key-refusals.ts'
import { windowSeconds } from '../domain/calls/figures.ts'
import { keyRefusals } from '../domain/calls/key-refusals.ts'
import { type CallRow, createTally, type ToldCall, tallyLimits } from '../domain/calls/tally.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'

export type CallWindows = {
  add(calls: readonly ToldCall[]): void
  stop(): Promise<void>
}

/** `counted`: told each window as it ends, whether it can be written or not. What cannot be is lost, and nothing piles up. */
export function startCallWindows(deps: {
  readonly pool: Pool
  readonly log: Log
  readonly counted: (rows: readonly CallRow[]) => void
  /** Default 5. */
  readonly seconds?: number
}): CallWindows {
  const { pool, log, counted, seconds = windowSeconds } = deps
  const tally = createTally(tallyLimits)
  const untilNext = () => seconds - ((Date.now() / 1000) % seconds)

  async function end(): Promise<void> {
    const rows = tally.take()
    if (rows.length === 0) return
    counted(rows)
    await writeCallWindow(pool, rows)
    const told = keyRefusals(rows)
    if (told.refused.length + told.taken.length > 0) await pool.transaction((tx) => noteKeyRefusals(tx, told))
  }
  let begun = false
  const loop = startWorkLoop({
    onError: (error) => log.warn({ err: error }, 'what calls were could not be written'),
    retryMs: seconds * 1000,
    idleMs: seconds * 1000,
    async step() {
      if (begun) await end()
      begun = true
      // All processes end theirs at the same times, as far as their clocks agree.
      return untilNext()
    },
  })
  return {
    add(calls) {
      for (const call of calls) tally.add(call)
    },
    async stop() {
      await loop.stop()
      await end().catch((error: unknown) => log.debug({ err: error }, 'the last window is lost'))
    },
  }
}
