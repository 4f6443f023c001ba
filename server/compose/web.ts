// The web side: GraphQL, webhooks and console in one HTTP server.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { createGraphqlHttp } from '../../graphql/graphql-http.ts'
import { createGraphqlSocket } from '../../graphql/graphql-socket.ts'
import type { Config } from '../config.ts'
import type { Wakeups } from '../db/core/notify.ts'
import { createHttpServer } from '../http/server.ts'
import { createWebhook } from '../services/events/webhook.ts'
import type { Services } from '../services/services.ts'
import type { ServiceDeps } from '../services/shared/deps.ts'

/** What no other route takes. */
export type Pages = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void>
}
export type Web = { readonly port: number; stop(): Promise<void> }

const readyMs = 1_000

export async function startWeb(
  deps: Pick<ServiceDeps, 'pool' | 'log'> & {
    readonly wakeups: Pick<Wakeups, 'wake' | 'isListening'>
    readonly services: Services
    readonly config: Pick<Config, 'http' | 'publicUrl' | 'dev'>
    readonly page?: Pages
    /** Why nothing works though the database answers; default: it does. */
    readonly problem?: () => string | undefined
  },
): Promise<Web> {
  const { pool, wakeups, log, services, config, page, problem = () => undefined } = deps
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const webhook = createWebhook(deps)
  const graphql = await createGraphqlHttp(deps)
  const socket = createGraphqlSocket(deps)
  async function stopParts() {
    await socket.stop()
    await webhook.stop()
    await graphql.stop()
  }
  const silent = () =>
    new Promise<string>((resolve) => setTimeout(resolve, readyMs, `no answer within ${readyMs / 1000} s`).unref())
  /** In words, so that who looks at a probe need not look for the log. */
  async function whyNotReady(): Promise<string | undefined> {
    const answered = pool.query('SELECT 1').then(
      () => undefined,
      (error: unknown) => (error instanceof Error && error.message) || String(error),
    )
    const trouble = await Promise.race([answered, silent()])
    if (trouble !== undefined) return `PostgreSQL cannot be used: ${trouble}`
    if (!wakeups.isListening()) return 'The connection that LISTENs at PostgreSQL is lost, and is being opened again'
    return problem()
  }
  const http = await createHttpServer({
    ...config.http,
    publicUrl: config.publicUrl,
    dev: config.dev,
    ...{ log, services, graphql, socket, webhook, registry },
    whyNotReady,
    ...(page === undefined ? {} : { page: page.handle, pageUpgrade: (...args) => void page.upgrade(...args) }),
  }).catch(async (error: unknown) => {
    await stopParts()
    throw error
  })
  return {
    port: http.port,
    /** First no new connection, then those that are open. */
    async stop() {
      const closed = http.stop()
      await socket.stop()
      await closed
      await webhook.stop()
      await graphql.stop()
    },
  }
}
