// The web side: GraphQL, webhooks and console in one HTTP server.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { createGraphqlHttp } from '../../graphql/graphql-http.ts'
import { createGraphqlSocket } from '../../graphql/graphql-socket.ts'
import type { Config } from '../config.ts'
import type { Wakeups } from '../db/core/notify.ts'
import { createHttpServer } from '../http/server.ts'
import type { ControlPlaneMetrics } from '../metrics/control-plane-metrics.ts'
import { createWebhook, type WebhookOptions } from '../services/events/webhook.ts'
import type { Services } from '../services/services.ts'
import type { ServiceDeps } from '../services/shared/deps.ts'
import { createReadiness } from './readiness.ts'

/** What no other route takes. */
export type Pages = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>
}
export type Web = {
  readonly port: number
  /** Events of stores may have been missed. */
  missed(): void
  stop(): Promise<void>
}

export async function startWeb(
  deps: Pick<ServiceDeps, 'pool' | 'log'> & {
    readonly wakeups: Pick<Wakeups, 'isListening'>
    readonly services: Services
    readonly config: Pick<Config, 'http' | 'publicUrl' | 'dev'>
    readonly metrics: ControlPlaneMetrics
    readonly page?: Pages
    /** For tests. */
    readonly webhook?: WebhookOptions
    /** Why nothing works though the database answers; default: it does. */
    readonly problem?: () => string | undefined
  },
): Promise<Web> {
  const { pool, wakeups, log, services, config, metrics, page, problem = () => undefined } = deps
  const webhook = createWebhook({ ...deps, ...deps.webhook, onDropped: metrics.events.dropped })
  const graphql = await createGraphqlHttp(deps)
  const socket = createGraphqlSocket(deps)
  async function stopParts() {
    await services.endWaits()
    await socket.stop()
    await webhook.stop()
    await graphql.stop()
  }
  const http = await createHttpServer({
    ...config.http,
    publicUrl: config.publicUrl,
    dev: config.dev,
    ...{ log, services, graphql, socket, webhook, metrics },
    whyNotReady: createReadiness({ pool, wakeups, problem }),
    ...(page === undefined ? {} : { page: page.handle, pageUpgrade: (...args) => void page.upgrade(...args) }),
  }).catch(async (error: unknown) => {
    await stopParts()
    throw error
  })
  return {
    port: http.port,
    missed: webhook.missed,
    /** First no new connection, then those that are open. */
    async stop() {
      const closed = http.stop()
      await services.endWaits()
      await socket.stop()
      await closed
      await webhook.stop()
      await graphql.stop()
    },
  }
}
