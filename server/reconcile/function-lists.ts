// Asks platforms for their functions, so that calls go only where their function is.
import type { Wakeups } from '../db/core/notify.ts'
import type { Pool } from '../db/core/pool.ts'
import { deploymentsToList, type Unlisted, writeFunctionList } from '../db/deciding/function-lists.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'

/** A function that was just added is called where any may be until then; a platform that takes longer is asked again. */
const everySeconds = 10

export function startFunctionLists(deps: {
  pool: Pool
  wakeups: Pick<Wakeups, 'on'>
  log: Log
  /** Null: the platform does not tell. Rejects where it cannot be asked now: what it told before holds. */
  list: (deployment: Unlisted, signal: AbortSignal) => Promise<readonly string[] | null>
  /** Default 10. */
  seconds?: number
}): { stop(): Promise<void> } {
  const { pool, wakeups, log, list, seconds = everySeconds } = deps

  async function ask(deployment: Unlisted, signal: AbortSignal): Promise<void> {
    const { id, url, listed } = deployment
    let functions: readonly string[] | null
    try {
      functions = await list(deployment, signal)
    } catch (error) {
      log.debug({ err: error, url }, 'a platform could not be asked for its functions')
      return
    }
    if (signal.aborted || JSON.stringify(functions) === JSON.stringify(listed)) return
    await writeFunctionList(pool, id, functions)
    log.info({ url, functions: functions?.length ?? null }, 'the functions of a platform changed')
  }

  const loop = startWorkLoop({
    onError: (error) => log.error({ err: error }, 'listing functions failed'),
    idleMs: seconds * 1000,
    async step(signal) {
      const deployments = await deploymentsToList(pool)
      // One that tells page after page, each late, holds up the others for no longer.
      const limited = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)])
      await Promise.all(deployments.map((deployment) => ask(deployment, limited)))
      return seconds
    },
  })
  const off = wakeups.on('functions', () => loop.wake())
  return {
    async stop() {
      off()
      await loop.stop()
    },
  }
}
