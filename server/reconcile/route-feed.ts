// Brings what was decided, by whichever process, to this process's proxies: routes in the order of their numbers,
// endpoints and the match header when they change.
import type { Wakeups } from '../db/notify.ts'
import type { Pool } from '../db/pool.ts'
import { loadEndpoints, loadMatchHeader, recentTables, routesAfter } from '../db/routes.ts'
import type { BucketRoute, FaasEndpoint, RouteTable } from '../domain/routing-table.ts'
import type { Log } from '../log.ts'
import { startWorkLoop } from '../work-loop.ts'

export type RoutingChange =
  | { readonly kind: 'match-header'; readonly name: string }
  | { readonly kind: 'endpoints'; readonly endpoints: readonly FaasEndpoint[] }
  /** Tables that returning Envoys may still route by. */
  | { readonly kind: 'tables'; readonly tables: readonly RouteTable[] }
  | { readonly kind: 'routes'; readonly routes: readonly BucketRoute[] }

const page = 5_000

export type RouteFeed = { stop(): Promise<void> }

/** Resolves when all that is decided by now was applied: only then may a proxy be answered. */
export async function startRouteFeed(deps: {
  pool: Pool
  wakeups: Wakeups
  log: Log
  apply: (change: RoutingChange) => void
}): Promise<RouteFeed> {
  const { pool, wakeups, log, apply } = deps
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
  async function pullSettings(): Promise<void> {
    apply({ kind: 'match-header', name: await loadMatchHeader(pool) })
    apply({ kind: 'endpoints', endpoints: await loadEndpoints(pool) })
  }

  await pullSettings()
  apply({ kind: 'tables', tables: await recentTables(pool) })
  await pullRoutes()
  const onError = (error: unknown) => log.error({ err: error }, 'routes could not be read')
  const routes = startWorkLoop({ onError, step: () => pullRoutes().then(() => undefined) })
  const settings = startWorkLoop({ onError, step: () => pullSettings().then(() => undefined) })
  const off = [
    wakeups.on('route', () => routes.wake()),
    wakeups.on('faas', () => settings.wake()),
    wakeups.on('bucket', () => settings.wake()),
  ]
  return {
    async stop() {
      for (const stop of off) stop()
      await Promise.all([routes.stop(), settings.stop()])
    },
  }
}
