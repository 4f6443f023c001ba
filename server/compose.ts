// Configuration -> running system. The only file that knows how the parts fit together; what it starts it stops, in
// reverse.
import { v7 } from 'uuid'
import { createConsole } from './compose/console.ts'
import { createControlMetrics } from './compose/control-metrics.ts'
import { createMoverStatus } from './compose/mover-status.ts'
import { startOnDatabase } from './compose/on-database.ts'
import { startProxySide } from './compose/proxy-side.ts'
import { createReadiness } from './compose/readiness.ts'
import { requireKnownPolicies } from './compose/require-known-policies.ts'
import { requireSecretKey } from './compose/require-secret-key.ts'
import { createStoreDrivers } from './compose/store-drivers.ts'
import { startWatching } from './compose/watching.ts'
import { startWeb } from './compose/web.ts'
import type { Config } from './config.ts'
import { createDb } from './db/core/client.ts'
import { connectionShare } from './db/core/connection-share.ts'
import { migrate } from './db/core/migrate.ts'
import { createWakeups } from './db/core/notify.ts'
import { createPool, type Pool } from './db/core/pool.ts'
import { requireServer } from './db/core/require-server.ts'
import { forgetAcknowledged, sessionName } from './db/proxies/proxy-streams.ts'
import { sweepAllMasters } from './db/queue/sweeps.ts'
import { roleAllows } from './domain/token-role.ts'
import { createLog, type Log } from './log.ts'
import { startBucketReconciler } from './reconcile/bucket-reconciler.ts'
import { createMover } from './replication/mover.ts'
import { loadAdminToken, loadSecretBox } from './secret-files.ts'
import { createChangeFeed } from './services/events/change-feed.ts'
import { createServices } from './services/services.ts'
import { connectStore } from './services/stores/connect-store.ts'
import { ensureAdminToken } from './services/tokens/authenticate.ts'

export type Running = { stop(): Promise<void> }
type WithDatabase = Config & { readonly databaseUrl: string }

/** What has not stopped by then waits for the database: from then on it waits in vain. */
const lateMs = 4_000

/** Collects what was started; stopping undoes it, the last first, and goes on when one part does not stop well. */
function createStack(log: Log) {
  const parts: { readonly name: string; readonly stop: () => Promise<unknown> | unknown }[] = []
  const late: (() => void)[] = []
  let stopped: Promise<void> | undefined
  return {
    /** Called when the stop takes too long. */
    onLate(hurry: () => void): void {
      late.push(hurry)
    },
    /** Keeps what `start` returns. */
    async add<T>(name: string, start: () => Promise<T> | T, stop: (part: T) => Promise<unknown> | unknown): Promise<T> {
      const part = await start()
      parts.unshift({ name, stop: () => stop(part) })
      return part
    },
    stop(): Promise<void> {
      stopped ??= (async () => {
        let part = ''
        const timer = setTimeout(() => {
          log.warn({ part }, 'the stop takes long: nothing waits for the database any more')
          for (const hurry of late) hurry()
        }, lateMs)
        for (const { name, stop } of parts) {
          part = name
          await Promise.resolve()
            .then(stop)
            .catch((error: unknown) => log.warn({ err: error, part }, 'a part did not stop well'))
        }
        clearTimeout(timer)
      })()
      return stopped
    },
  }
}
type Stack = ReturnType<typeof createStack>

const stopOf = (part: Running) => part.stop()

/** What both kinds of processes need of the database. */
async function openState(stack: Stack, config: WithDatabase, log: Log, processId: string, role: 'control' | 'mover') {
  await requireServer(config.databaseUrl, config.databaseConnections)
  await migrate(config.databaseUrl)
  const onError = (error: unknown) => log.warn({ err: error }, 'a database connection was lost')
  const share = connectionShare(role, config.databaseConnections)
  const pool = await stack.add(
    'pool',
    () => createPool(config.databaseUrl, { ...share, name: sessionName(processId), onError }),
    (one) => one.end(),
  )
  stack.onLate(pool.cutAll)
  const wakeups = await stack.add('wakeups', () => createWakeups(pool, onError), stopOf)
  const secrets = await loadSecretBox(config)
  await requireReadable(pool)
  return { pool, wakeups, secrets, requireReadable }

  /** Nothing starts on what this process could not read. */
  async function requireReadable(sql: Pool): Promise<void> {
    await requireSecretKey(sql, secrets, config.newSecretKey)
    await requireKnownPolicies(sql)
  }
}

/** Either all runs, or nothing does. */
async function startAll(log: Log, start: (stack: Stack) => Promise<void>): Promise<Stack> {
  const stack = createStack(log)
  try {
    await start(stack)
    return stack
  } catch (error) {
    await stack.stop()
    throw error
  }
}

/** GraphQL, console, reconcilers, xDS. Resolves when it serves. */
export function startControlPlane(config: WithDatabase): Promise<Running> {
  const log = createLog(config.logLevel, 'control')
  const processId = v7()
  return startAll(log, async (stack) => {
    const { pool, wakeups, secrets, requireReadable } = await openState(stack, config, log, processId, 'control')
    const db = await stack.add(
      'prisma',
      () => createDb(pool),
      (one) => one.end(),
    )
    const metrics = createControlMetrics({ pool, log })
    const adminToken = await loadAdminToken(config)
    await ensureAdminToken({ pool }, adminToken)
    const feed = await stack.add('change feed', () => createChangeFeed({ pool, wakeups, log }), stopOf)
    const deps = { db, pool, log, secrets, connect: connectStore, ingressUrl: config.ingress.url }
    const services = createServices({ ...deps, feed })
    const mayReadRoutes = async (token: string) => {
      const holder = await services.authenticate(token)
      return holder !== undefined && roleAllows(holder.role, 'PROXY')
    }
    /** What was restored may be of another version and have other tokens, and its proxies' numbers are of another time. */
    async function makeUsable(): Promise<void> {
      await requireServer(config.databaseUrl, config.databaseConnections)
      await migrate(config.databaseUrl)
      await requireReadable(pool)
      await ensureAdminToken({ pool }, adminToken)
      await forgetAcknowledged(pool)
      await feed.beginAnew()
    }
    const work = await stack.add(
      'work',
      () =>
        startOnDatabase({
          pool,
          log,
          async start(isAnew) {
            if (isAnew) await makeUsable()
            const working = await startAll(log, async (inner) => {
              await inner.add(
                'proxies',
                () =>
                  startProxySide({
                    ...{ config, pool, wakeups, log, processId },
                    onAnswer: metrics.xds.answered,
                    authenticate: mayReadRoutes,
                  }),
                stopOf,
              )
              // Before the webhook is open nobody took events: every master is looked at again.
              await sweepAllMasters(pool)
              await inner.add(
                'reconciler',
                () => startBucketReconciler({ pool, wakeups, log, owner: processId, metrics: metrics.decisions }),
                stopOf,
              )
              await inner.add('duties', () => startWatching({ ...deps, wakeups }), stopOf)
            })
            return working.stop
          },
        }),
      stopOf,
    )
    const page = await stack.add(
      'console',
      () => createConsole(config),
      (one) => one.close(),
    )
    await stack.add(
      'http',
      () => startWeb({ ...deps, wakeups, services, config, metrics, page, problem: work.problem }),
      stopOf,
    )
    log.info({ http: config.http, xds: config.xds }, 'the control plane serves')
  })
}

/** Carries objects between stores; any number of them may run. */
export function startMover(config: WithDatabase): Promise<Running> {
  const log = createLog(config.logLevel, 'mover')
  const processId = v7()
  return startAll(log, async (stack) => {
    const { pool, wakeups, secrets, requireReadable } = await openState(stack, config, log, processId, 'mover')
    const status = createMoverStatus(config, log)
    const work = await stack.add(
      'work',
      () =>
        startOnDatabase({
          pool,
          log,
          async start(isAnew) {
            if (isAnew) {
              await migrate(config.databaseUrl)
              await requireReadable(pool)
            }
            const working = await startAll(log, async (inner) => {
              const stores = await inner.add(
                'stores',
                () => createStoreDrivers({ pool, secrets, log }),
                (one) => one.close(),
              )
              await inner
                .add(
                  'mover',
                  () =>
                    createMover({
                      ...{ pool, wakeups, log },
                      storageFor: stores.get,
                      owner: processId,
                      metrics: status.metrics,
                    }),
                  (one) => one.stop(),
                )
                .then((one) => one.start())
            })
            return working.stop
          },
        }),
      stopOf,
    )
    const whyNotReady = createReadiness({ pool, wakeups, problem: work.problem })
    await stack.add('status', () => status.serve(whyNotReady), stopOf)
    log.info('the mover works')
  })
}
