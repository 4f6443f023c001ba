// The web side: GraphQL, webhooks and console in one HTTP server.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { createGraphqlHttp } from '../../graphql/graphql-http.ts'
import { createGraphqlSocket } from '../../graphql/graphql-socket.ts'
import type { Config } from '../config.ts'
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
  deps: Pick<ServiceDeps, 'pool' | 'wakeups' | 'log'> & {
    readonly services: Services
    readonly config: Pick<Config, 'http' | 'publicUrl' | 'dev'>
    readonly page?: Pages
  },
): Promise<Web> {
  const { pool, log, services, config, page } = deps
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
  const isThere = async () => (await pool.query<{ one: number }>('SELECT 1 AS one')).rows.length === 1
  const tooLate = () => new Promise<false>((resolve) => setTimeout(resolve, readyMs, false).unref())
  const http = await createHttpServer({
    ...config.http,
    publicUrl: config.publicUrl,
    dev: config.dev,
    ...{ log, services, graphql, socket, webhook, registry },
    ready: () => Promise.race([isThere(), tooLate()]),
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
