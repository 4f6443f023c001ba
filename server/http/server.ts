// The one server for people and programs: GraphQL, webhooks, health, metrics, sign-in, and the console behind all.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Registry } from 'prom-client'
import { FadoError } from '../domain/errors.ts'
import type { Log } from '../log.ts'
import type { Webhook } from '../services/events/webhook.ts'
import type { Services } from '../services/services.ts'
import { createGraphqlRoute, type GraphqlEndpoint } from './graphql-route.ts'
import { createHttpMetrics } from './http-metrics.ts'
import { createNotifyRoute } from './notify-route.ts'
import { securePage } from './page-security.ts'
import { cookieToken, isOwnOrigin } from './request-auth.ts'
import { BodyTooLarge } from './request-body.ts'
import { sendJson, sendText, serverName } from './respond.ts'
import type { Handler } from './route.ts'
import { createSessionRoute } from './session-route.ts'
import { createSignInLimit } from './sign-in-limit.ts'

export type HttpServerDeps = {
  readonly address: string
  /** 0 = a free one. */
  readonly port: number
  readonly log: Log
  readonly services: Pick<Services, 'authenticate'>
  readonly graphql: GraphqlEndpoint
  /** Takes over a connection; `cookieToken` is what the browser's cookie holds. */
  readonly socket: {
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, cookieToken: string | undefined): void
  }
  readonly webhook: Webhook
  readonly registry: Registry
  /** Whether requests can be served now. */
  readonly ready: () => Promise<boolean>
  /** The console: everything that no other route takes. Absent: 404. */
  readonly page?: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** The console's own WebSockets, while it is worked on. */
  readonly pageUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  readonly dev: boolean
}
export type HttpServer = { readonly port: number; stop(): Promise<void> }

/** Longer than stores keep idle connections: an event sent into one that we just close is lost. */
const keepAliveMs = 120_000
const requestMs = 30_000
/** What is under way at the stop may end. */
const graceMs = 1_000

export async function createHttpServer(deps: HttpServerDeps): Promise<HttpServer> {
  const { log, services, registry, dev } = deps
  const metrics = createHttpMetrics(registry)
  const routes: Readonly<Record<string, Handler>> = {
    '/graphql': createGraphqlRoute(deps),
    '/api/notify': createNotifyRoute({ webhook: deps.webhook, onEvents: metrics.events }),
    '/api/session': createSessionRoute({ services, limit: createSignInLimit(), onFailure: metrics.signInFailed }),
    '/healthz': async (_request, response) => sendText(response, 200, 'ok\n', { server: serverName }),
    '/readyz': async (_request, response) => {
      const ready = await deps.ready().catch(() => false)
      sendText(response, ready ? 200 : 503, ready ? 'ready\n' : 'not ready\n')
    },
    '/metrics': async (_request, response) =>
      sendText(response, 200, await registry.metrics(), { 'content-type': registry.contentType }),
  }
  const page: Handler = async (request, response) => {
    securePage(request, response, dev)
    if (deps.page) await deps.page(request, response)
    else sendText(response, 404, 'not found\n')
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now()
    const path = pathOf(request)
    const route = path !== undefined && Object.hasOwn(routes, path) ? path : 'page'
    response.once('close', () => {
      metrics.request(route, request.method ?? '', response.statusCode, (performance.now() - started) / 1000)
    })
    if (path === undefined) return sendText(response, 400, 'bad address\n')
    try {
      await (routes[route] ?? page)(request, response)
    } catch (error) {
      fail(request, response, error)
    }
  }
  function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (request.errored || response.destroyed) return // the client went away
    if (error instanceof BodyTooLarge) {
      sendText(response, 413, 'The body is too large\n', { connection: 'close' })
      return
    }
    const id = randomUUID()
    log.error({ err: error, errorId: id, route: pathOf(request) }, 'a request failed')
    if (response.headersSent) response.destroy()
    else sendJson(response, 500, { error: { code: 'INTERNAL_SERVER_ERROR', message: `The log has it as ${id}` } })
  }

  const server = createServer({ keepAliveTimeout: keepAliveMs, requestTimeout: requestMs }, (request, response) => {
    void handle(request, response)
  })
  const upgraded = new Set<Duplex>()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
    socket.on('error', () => socket.destroy())
    const path = pathOf(request)
    if (path === '/graphql' && isOwnOrigin(request)) deps.socket.upgrade(request, socket, head, cookieToken(request))
    else if (path === '/graphql') refuseUpgrade(socket)
    else if (dev && deps.pageUpgrade && path?.startsWith('/_next/')) deps.pageUpgrade(request, socket, head)
    else socket.destroy() // who is left hanging waits for ever
  })
  await listen(server, deps)
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      if (!server.listening) return
      const late = setTimeout(() => {
        server.closeAllConnections()
        for (const socket of upgraded) socket.destroy()
      }, graceMs)
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeIdleConnections()
      })
      clearTimeout(late)
    },
  }
}

function pathOf(request: IncomingMessage): string | undefined {
  return URL.parse(request.url ?? '', 'http://fado')?.pathname
}

function refuseUpgrade(socket: Duplex): void {
  socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
}

async function listen(server: ReturnType<typeof createServer>, { port, address }: HttpServerDeps): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, address, () => {
      server.off('error', reject)
      resolve()
    })
  }).catch((error: NodeJS.ErrnoException) => {
    const what = error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`
    throw new FadoError('IN_USE', `The port ${port} of ${address} ${what}: set FADO_HTTP_PORT to another one`, {
      cause: error,
    })
  })
}
