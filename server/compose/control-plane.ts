// The control plane: configuration -> running system.

import { v7 } from 'uuid'
import { createDb } from '../db/core/client.ts'
import { migrate } from '../db/core/migrate.ts'
import { requireServer } from '../db/core/require-server.ts'
import { forgetAcknowledged } from '../db/proxies/stream-progress.ts'
import { sweepAllMasters } from '../db/queue/sweeps.ts'
import { roleAllows } from '../domain/token-role.ts'
import { anyTarget, forbiddenTargets } from '../forbidden-target.ts'
import { createLog } from '../log.ts'
import { startBucketReconciler } from '../reconcile/bucket-reconciler.ts'
import { createDeploymentSecrets } from '../reconcile/deployment-secrets.ts'
import { loadAdminToken } from '../secret-files.ts'
import { createChangeFeed } from '../services/events/change-feed.ts'
import { createServices } from '../services/services.ts'
import { connectStore } from '../services/stores/connect-store.ts'
import { ensureAdminToken } from '../services/tokens/authenticate.ts'
import { createConsole } from './console.ts'
import { createControlMetrics } from './control-metrics.ts'
import { startOnDatabase } from './on-database.ts'
import { openState, type WithDatabase } from './open-state.ts'
import { startProxySide } from './proxy-side.ts'
import { type Running, startAll, stopOf } from './start-all.ts'
import { startWatching } from './watching.ts'
import { startWeb } from './web.ts'

const ownPorts = ({ http, xds, ingress, envoyAdminPort }: WithDatabase) => [
  http.port,
  xds.port,
  ingress.port,
  ...(ingress.tls ? [ingress.tls.port] : []),
  envoyAdminPort,
]

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
    const forbiddenTarget = config.allowAnyTarget ? anyTarget : forbiddenTargets(ownPorts(config))
    const deploymentSecrets = await stack.add(
      'secrets of deployments',
      () => createDeploymentSecrets({ secrets, log, mayAsk: { forbiddenTarget } }),
      (one) => one.stop(),
    )
    const deps = {
      ...{ db, pool, log, secrets, connect: connectStore, forbiddenTarget },
      ingressUrl: config.ingress.url,
      ingressTls: config.ingress.tls !== null,
      withSecrets: deploymentSecrets.withSecrets,
    }
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
    /** What works on the database, until that is another one; `isAnew`: it is. Returns how to end it. */
    async function begin(isAnew: boolean): Promise<() => Promise<void>> {
      if (isAnew) await makeUsable()
      const working = await startAll(log, async (inner) => {
        await inner.add(
          'proxies',
          () =>
            startProxySide({
              ...{ config, pool, wakeups, log, processId, deploymentSecrets },
              onAnswer: metrics.xds.answered,
              onCalls: metrics.calls.counted,
              authenticate: mayReadRoutes,
            }),
          stopOf,
        )
        // Events that came meanwhile went into the database of before.
        if (isAnew) await sweepAllMasters(pool)
        await inner.add(
          'reconciler',
          () => startBucketReconciler({ pool, wakeups, log, metrics: metrics.decisions }),
          stopOf,
        )
        await inner.add('duties', () => startWatching({ ...deps, wakeups, tokens: deploymentSecrets.tokens }), stopOf)
      })
      return working.stop
    }
    const work = await stack.add('work', () => startOnDatabase({ pool, log, start: begin }), stopOf)
    const page = await stack.add(
      'console',
      () => createConsole(config),
      (one) => one.close(),
    )
    const web = await stack.add(
      'http',
      () => startWeb({ ...deps, wakeups, services, config, metrics, page, problem: work.problem }),
      stopOf,
    )
    // Nobody took events until now: every master is looked at again.
    web.missed()
    log.info({ http: config.http, xds: config.xds }, 'the control plane serves')
  })
}
