// The routing half: what was decided, brought to Envoys, and what they ACKed, written down.
import { hostname } from 'node:os'
import { createRoutingProxy, type ProxyObserver } from '../../proxy/routing-proxy.ts'
import type { Config } from '../config.ts'
import type { Wakeups } from '../db/core/notify.ts'
import type { Pool } from '../db/core/pool.ts'
import type { CallRow } from '../domain/calls/tally.ts'
import { FadoError } from '../domain/errors.ts'
import type { Log } from '../log.ts'
import { startCallWindows } from '../reconcile/call-windows.ts'
import { createDatabaseReach } from '../reconcile/database-reach.ts'
import type { DeploymentSecretsSource } from '../reconcile/deployment-secrets.ts'
import { startProxyRegistry } from '../reconcile/proxy-registry.ts'
import { startRouteFeed } from '../reconcile/route-feed.ts'

export type ProxySide = { stop(): Promise<void> }

/** Envoys are answered only after everything that is decided by now was applied. */
export async function startProxySide(deps: {
  config: Pick<Config, 'xds' | 'ingress' | 'proxyLeaseSeconds'>
  pool: Pool
  wakeups: Wakeups
  log: Log
  deploymentSecrets: DeploymentSecretsSource
  processId: string
  /** An Envoy has answered what it was sent. */
  onAnswer: NonNullable<ProxyObserver['answered']>
  /** Calls that this process's Envoys told of, as they are counted; with the name of a deployment's cluster. */
  onCalls: (rows: readonly CallRow[], clusterOf: (deploymentId: string) => string | undefined) => void
  /** Whether a token may read routes. */
  authenticate: (token: string) => Promise<boolean>
}): Promise<ProxySide> {
  const { config, pool, wakeups, log, deploymentSecrets, processId, onAnswer, onCalls, authenticate } = deps
  const leaseSeconds = config.proxyLeaseSeconds
  const controlPlane = `${hostname()}:${config.xds.port}`
  const reach = createDatabaseReach({ log, onLost: () => proxy.letGo(), onBack: () => proxy.takeAgain() })
  const registry = await startProxyRegistry({ pool, log, processId, controlPlane, leaseSeconds, reach })
  const windows = startCallWindows({ pool, log, counted: (rows) => onCalls(rows, proxy.clusterOf) })
  const proxy = createRoutingProxy({
    ingress: config.ingress,
    log,
    now: () => performance.now(),
    authenticate,
    tls: config.xds.tls,
    caughtUp: () => feed.caughtUp(),
    observer: { ...registry, answered: onAnswer, called: windows.add },
    leaseMs: leaseSeconds * 1000,
  })
  const feed = await startRouteFeed({ pool, wakeups, log, apply: proxy.apply, secrets: deploymentSecrets })
  proxy.ready()
  const stop = async () => {
    await feed.stop()
    proxy.stop()
    await Promise.all([registry.stop(), windows.stop()])
  }
  await proxy.listen(config.xds).catch(async (cause: unknown) => {
    await stop()
    if (cause instanceof FadoError && cause.code === 'VALIDATION_FAILED') throw cause
    const where = `${config.xds.address}:${config.xds.port}`
    throw new FadoError('UNREACHABLE', `The xDS server cannot listen on ${where}: move it with FADO_XDS_PORT`, {
      cause,
    })
  })
  return { stop }
}
