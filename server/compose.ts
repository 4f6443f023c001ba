// Configuration -> running system. The only file that knows how the parts fit together; what it starts it stops, in
// reverse.
import { v7 } from 'uuid'
import { createConsole } from './compose/console.ts'
import { startProxySide } from './compose/proxy-side.ts'
import { requireKnownPolicies } from './compose/require-known-policies.ts'
import { requireSecretKey } from './compose/require-secret-key.ts'
import { createStoreDrivers } from './compose/store-drivers.ts'
import { startWatching } from './compose/watching.ts'
import { startWeb } from './compose/web.ts'
import type { Config } from './config.ts'
import { createDb } from './db/core/client.ts'
import { migrate } from './db/core/migrate.ts'
import { createWakeups } from './db/core/notify.ts'
import { createPool } from './db/core/pool.ts'
import { sessionName } from './db/proxies/proxy-streams.ts'
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

/** Collects what was started; stopping undoes it, the last first, and goes on when one part does not stop well. */
function createStack(log: Log) {
  const parts: { readonly name: string; readonly stop: () => Promise<unknown> | unknown }[] = []
  let stopped: Promise<void> | undefined
  return {
    /** Keeps what `start` returns. */
    async add<T>(name: string, start: () => Promise<T> | T, stop: (part: T) => Promise<unknown> | unknown): Promise<T> {
      const part = await start()
      parts.unshift({ name, stop: () => stop(part) })
      return part
    },
    stop(): Promise<void> {
      stopped ??= (async () => {
        for (const { name, stop } of parts)
          await Promise.resolve()
            .then(stop)
            .catch((error: unknown) => log.warn({ err: error, part: name }, 'a part did not stop well'))
      })()
      return stopped
    },
  }
}
type Stack = ReturnType<typeof createStack>

const stopOf = (part: Running) => part.stop()

/** What both kinds of processes need of the database. */
async function openState(stack: Stack, config: WithDatabase, log: Log, processId: string, connections: number) {
  await migrate(config.databaseUrl)
  const onError = (error: unknown) => log.warn({ err: error }, 'a database connection was lost')
  const pool = await stack.add(
    'pool',
    () => createPool(config.databaseUrl, { max: connections, name: sessionName(processId), onError }),
    (one) => one.end(),
  )
  const wakeups = await stack.add('wakeups', () => createWakeups(pool, onError), stopOf)
  const secrets = await loadSecretBox(config)
  await requireSecretKey(pool, secrets, config.newSecretKey)
  await requireKnownPolicies(pool)
  return { pool, wakeups, secrets }
}

/** Either all runs, or nothing does. */
async function startAll(log: Log, start: (stack: Stack) => Promise<void>): Promise<Running> {
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
    const { pool, wakeups, secrets } = await openState(stack, config, log, processId, 12)
    const db = await stack.add(
      'prisma',
      () => createDb(config.databaseUrl, 5),
      (one) => one.$disconnect(),
    )
    await ensureAdminToken({ pool }, await loadAdminToken(config))
    const feed = await stack.add('change feed', () => createChangeFeed({ pool, wakeups, log }), stopOf)
    const deps = { db, pool, wakeups, log, secrets, connect: connectStore, ingressUrl: config.ingress.url }
    const services = createServices({ ...deps, feed })
    const mayReadRoutes = async (token: string) => {
      const holder = await services.authenticate(token)
      return holder !== undefined && roleAllows(holder.role, 'PROXY')
    }
    await stack.add(
      'proxies',
      () => startProxySide({ config, pool, wakeups, log, processId, authenticate: mayReadRoutes }),
      stopOf,
    )
    // Before the webhook is open nobody took events: every master is looked at again.
    await sweepAllMasters(pool)
    await stack.add('reconciler', () => startBucketReconciler({ pool, wakeups, log, owner: processId }), stopOf)
    await stack.add('duties', () => startWatching({ ...deps, wakeups }), stopOf)
    const page = await stack.add(
      'console',
      () => createConsole(config),
      (one) => one.close(),
    )
    await stack.add('http', () => startWeb({ ...deps, services, config, page }), stopOf)
    wakeups.wake('task')
    log.info({ http: config.http, xds: config.xds }, 'the control plane serves')
  })
}

/** Carries objects between stores; any number of them may run. */
export function startMover(config: WithDatabase): Promise<Running> {
  const log = createLog(config.logLevel, 'mover')
  const processId = v7()
  return startAll(log, async (stack) => {
    const { pool, wakeups, secrets } = await openState(stack, config, log, processId, 16)
    const stores = await stack.add(
      'stores',
      () => createStoreDrivers({ pool, secrets, log }),
      (one) => one.close(),
    )
    const mover = createMover({ pool, wakeups, storageFor: stores.get, log, owner: processId })
    await stack.add(
      'mover',
      () => mover.start(),
      () => mover.stop(),
    )
    log.info('the mover works')
  })
}
