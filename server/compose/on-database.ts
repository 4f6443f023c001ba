// What works on the database begins anew when the database is another one: restored under us, all that was known of it
// (numbers, cursors, what proxies have acknowledged) is of a time that it never saw.
import { createIdentityReader, type DatabaseIdentity, isOtherDatabase, isWorkedOn } from '../db/core/identity.ts'
import type { Pool } from '../db/core/pool.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'

const lookSeconds = 1
const another = 'The database is another one (restored?)'

export type OnDatabase = {
  /** Why nothing works now, in a sentence; undefined: it works. */
  problem(): string | undefined
  stop(): Promise<void>
}

/**
 * `start` resolves to how to stop; `isAnew`: not for the first time. It must check what a start checks, for the database may
 * be of another version, and have another key. The first start's failure is the caller's, later ones are tried again.
 */
export async function startOnDatabase(deps: {
  pool: Pool
  log: Log
  start: (isAnew: boolean) => Promise<() => Promise<void>>
}): Promise<OnDatabase> {
  const { pool, log, start } = deps
  let read = await createIdentityReader(pool)
  let known: DatabaseIdentity | undefined = await read()
  let stop: (() => Promise<void>) | undefined = await start(false)
  let problem: string | undefined

  async function look(): Promise<void> {
    const now = await read()
    if (known === undefined || !isOtherDatabase(known, now)) {
      known = now
      return
    }
    log.warn({ before: known, now }, 'the database is another one (restored?): all begins anew')
    problem = `${another}, and all begins anew`
    const end = stop
    stop = undefined
    await end?.()
  }

  async function beginAnew(): Promise<void> {
    if (await isWorkedOn(pool)) {
      problem = `${another}, and somebody still works in it: all begins anew after that`
      return
    }
    read = await createIdentityReader(pool)
    known = await read()
    if (known === undefined) {
      // Tables that we made now would be in the way of a restore that is still to come.
      problem = `${another}, and has no fleet: restore it, or start FaDO again to begin an empty one`
      return
    }
    stop = await start(true)
    problem = undefined
    log.info('all began anew')
  }

  const loop = startWorkLoop({
    idleMs: lookSeconds * 1000,
    onError(error) {
      if (stop !== undefined) return // out of reach: who needs the database says so
      problem = `${another}, and cannot be used: ${error instanceof Error ? error.message : String(error)}`
      log.error({ err: error }, 'nothing can begin anew yet')
    },
    async step() {
      if (stop !== undefined) await look()
      if (stop === undefined) await beginAnew()
      return lookSeconds
    },
  })
  return {
    problem: () => problem,
    async stop() {
      await loop.stop()
      await stop?.()
    },
  }
}
