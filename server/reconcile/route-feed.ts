// Brings what was decided, by whichever process, to this process's proxies: routes in the order of their numbers,
// endpoints and what holds for all callers and deployments when they change.
import { setTimeout as delay } from 'node:timers/promises'
import type { RoutingChange } from '../../proxy/routing-proxy.ts'
import type { Wakeups } from '../db/core/notify.ts'
import type { Pool } from '../db/core/pool.ts'
import { loadCallers } from '../db/proxies/callers.ts'
import { loadEndpoints } from '../db/proxies/endpoints.ts'
import { loadProxyPolicies } from '../db/proxies/policies.ts'
import { recentTables, routesAfter } from '../db/proxies/routes.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'
import type { DeploymentSecretsSource } from './deployment-secrets.ts'

const page = 5_000
const retrySeconds = 0.5
/** A wake-up may be lost: so often all is read though nobody called. */
const levelMs = 1_000
/** So long a start waits at most for what it has to ask platforms for. */
const askedMs = 3_000

export type RouteFeed = {
  /** Resolves when all that is decided by now was applied; rejects where that cannot be read. */
  caughtUp(): Promise<void>
  stop(): Promise<void>
}

/** Resolves when it has caught up for the first time: only then may a proxy be answered. */
export async function startRouteFeed(deps: {
  pool: Pool
  wakeups: Pick<Wakeups, 'on'>
  log: Log
  apply: (change: RoutingChange) => void
  secrets: Pick<DeploymentSecretsSource, 'withSecrets' | 'askFor' | 'onNew'>
}): Promise<RouteFeed> {
  const { pool, wakeups, log, apply, secrets } = deps
  let cursor = 0

  async function pullRoutes(): Promise<void> {
    for (;;) {
      const routes = await routesAfter(pool, cursor, page)
      const last = routes.at(-1)
      if (last === undefined) return
      apply({ kind: 'routes', routes })
      cursor = last.number
    }
  }
  /** All that Envoys are told beside routes. */
  async function pullFleet(): Promise<void> {
    const { matchHeader, corsOrigins, ...settings } = await loadProxyPolicies(pool)
    apply({ kind: 'upstreams', settings })
    apply({ kind: 'endpoints', endpoints: secrets.withSecrets(await loadEndpoints(pool)) })
    apply({ kind: 'match-header', name: matchHeader })
    apply({ kind: 'cors-origins', origins: corsOrigins })
    apply({ kind: 'callers', ...(await loadCallers(pool)) })
  }

  /**
   * What Envoys prove by now was lent to a process that is gone. It is asked for anew first, so that no deployment is taken from them
   * for want of it.
   */
  async function askPlatforms(): Promise<void> {
    const over = new AbortController()
    const answered = secrets.askFor(await loadEndpoints(pool)).then(() => over.abort())
    await Promise.race([answered, delay(askedMs, undefined, { signal: over.signal }).catch(() => undefined)])
  }

  await askPlatforms()
  await pullFleet()
  apply({ kind: 'tables', tables: await recentTables(pool) })
  await pullRoutes()
  const onError = (error: unknown) => log.error({ err: error }, 'routes could not be read')
  let fleetMoved = false
  let fleetReadAt = performance.now()
  let waiting: PromiseWithResolvers<void>[] = []
  /** The fleet before the routes that need it; what is wrong with one does not hold up the other. */
  const loop = startWorkLoop({
    onError,
    idleMs: levelMs,
    async step() {
      const due = waiting
      waiting = []
      const failed = (error: unknown) => {
        for (const { reject } of due) reject(error)
      }
      if (fleetMoved || performance.now() - fleetReadAt >= levelMs) {
        fleetMoved = false
        fleetReadAt = performance.now()
        await pullFleet().catch((error: unknown) => {
          fleetMoved = true
          onError(error)
          failed(error)
        })
      }
      await pullRoutes().catch((error: unknown) => {
        failed(error)
        throw error
      })
      for (const { resolve } of due) resolve()
      return fleetMoved ? retrySeconds : undefined
    },
  })
  const wakeForFleet = () => {
    fleetMoved = true
    loop.wake()
  }
  secrets.onNew(wakeForFleet)
  const off = [wakeups.on('route', () => loop.wake()), wakeups.on('endpoints', wakeForFleet)]
  return {
    caughtUp() {
      const asked = Promise.withResolvers<void>()
      waiting.push(asked)
      wakeForFleet()
      return asked.promise
    },
    async stop() {
      for (const stop of off) stop()
      await loop.stop()
      for (const { reject } of waiting) reject(new Error('routes are not read any more'))
    },
  }
}
