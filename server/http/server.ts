// The one server for people and programs: GraphQL, webhooks, health, metrics, sign-in, and the console behind all.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { roleAllows } from '../domain/token-role.ts'
import type { Log } from '../log.ts'
import type { ControlPlaneMetrics } from '../metrics/control-plane-metrics.ts'
import type { Webhook } from '../services/events/webhook.ts'
import type { Services } from '../services/services.ts'
import { databaseAway } from '../services/shared/database-away.ts'
import { createGraphqlRoute, type GraphqlEndpoint } from './graphql-route.ts'
import { listen } from './listen.ts'
import { createNotifyRoute, notifyPath } from './notify-route.ts'
import { objectsPath } from './object-address.ts'
import { createObjectsRoute, type ObjectServices } from './objects-route.ts'
import { securePage } from './page-security.ts'
import { createRequestAuth } from './request-auth.ts'
import { BodyTooLarge } from './request-body.ts'
import { sendError, sendText } from './respond.ts'
import type { Handler } from './route.ts'
import { createSessionRoute } from './session-route.ts'
import { createSignInLimit } from './sign-in-limit.ts'
import { statusRoutes } from './status-routes.ts'
import { whileAway } from './while-away.ts'

export type HttpServerDeps = {
  readonly address: string
  /** 0 = a free one. */
  readonly port: number
  /** Where browsers reach it, if that is not what they send as Host: FADO_PUBLIC_URL. */
  readonly publicUrl: string | undefined
  readonly log: Log
  readonly services: ObjectServices & Pick<Services, 'objectOrigins'>
  readonly graphql: GraphqlEndpoint
  /** Takes over a connection; `cookieToken` is what the browser's cookie holds. */
  readonly socket: {
    upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, cookieToken: string | undefined): void
  }
  readonly webhook: Webhook
  readonly metrics: Pick<ControlPlaneMetrics, 'http' | 'events' | 'exposition'>
  /** Why requests cannot be served now, in a sentence; undefined: they can. */
  readonly whyNotReady: () => Promise<string | undefined>
  /** The console: everything that no other route takes. Absent: 404. */
  readonly page?: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** The console's own WebSockets, while it is worked on. */
  readonly pageUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  readonly dev: boolean
}
export type HttpServer = { readonly port: number; stop(): Promise<void> }

/** Longer than stores keep idle connections: an event sent into one that we just close is lost. */
const keepAliveMs = 120_000
/** For a whole request but an object's, which takes as long as its bytes keep moving. */
const requestMs = 30_000
/** What is under way at the stop may end. */
const graceMs = 1_000

export async function createHttpServer(deps: HttpServerDeps): Promise<HttpServer> {
  const { log, services, metrics, dev } = deps
  const auth = createRequestAuth(deps.publicUrl)
  const routes: Readonly<Record<string, Handler>> = {
    '/graphql': createGraphqlRoute({ ...deps, auth }),
    [notifyPath]: createNotifyRoute({ webhook: deps.webhook, metrics: metrics.events }),
    '/api/session': createSessionRoute({
      services,
      auth,
      limit: createSignInLimit(),
      onFailure: metrics.http.signInFailed,
    }),
    [objectsPath]: createObjectsRoute({ ...deps, auth }),
    ...statusRoutes({ exposition: metrics.exposition, whyNotReady: deps.whyNotReady }),
  }
  /** Where a page may send objects. Who is not signed in is told of no store; without its database a page still says so. */
  async function storesFor(request: IncomingMessage): Promise<readonly string[]> {
    const secret = request.headers.accept?.includes('text/html') ? auth.requestToken(request) : undefined
    if (secret === undefined) return []
    const reader = await services.authenticate(secret).catch(() => undefined)
    return reader && roleAllows(reader.role, 'VIEWER') ? services.objectOrigins().catch(() => []) : []
  }
  const page: Handler = async (request, response) => {
    securePage(request, response, { ...deps, stores: await storesFor(request) })
    if (deps.page) await deps.page(request, response)
    else sendText(response, 404, 'not found\n')
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now()
    const path = routeOf(request)
    const route = path !== undefined && Object.hasOwn(routes, path) ? path : 'page'
    const cut = () => {
      if (!request.complete) request.destroy()
    }
    const slow = route === objectsPath ? undefined : setTimeout(cut, requestMs)
    response.once('close', () => {
      clearTimeout(slow)
      metrics.http.request(route, request.method ?? '', response.statusCode, (performance.now() - started) / 1000)
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
    const away = databaseAway(error)
    if (away !== undefined && !response.headersSent) {
      log.warn({ err: error, route: pathOf(request) }, 'a request was refused: the database cannot be used')
      sendError(response, ...whileAway(away))
      return
    }
    const id = randomUUID()
    log.error({ err: error, errorId: id, route: pathOf(request) }, 'a request failed')
    if (response.headersSent) response.destroy()
    else sendError(response, 500, 'INTERNAL_SERVER_ERROR', `The log has it as ${id}`)
  }

  /** Whose connection leaves HTTP; every other offer (h2c of Java and curl, unknown paths) is answered as if it were none. */
  function takesUpgrade(request: IncomingMessage): 'graphql' | 'page' | undefined {
    if (request.method !== 'GET' || request.headers.upgrade?.toLowerCase() !== 'websocket') return undefined
    const path = pathOf(request)
    if (path === '/graphql') return 'graphql'
    return dev && deps.pageUpgrade && path?.startsWith('/_next/') ? 'page' : undefined
  }

  const options = {
    keepAliveTimeout: keepAliveMs,
    headersTimeout: requestMs,
    requestTimeout: 0, // each route's own
    shouldUpgradeCallback: (request: IncomingMessage) => takesUpgrade(request) !== undefined,
  }
  const server = createServer(options, (request, response) => void handle(request, response))
  const upgraded = new Set<Duplex>()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
    socket.on('error', () => socket.destroy())
    if (takesUpgrade(request) === 'page') deps.pageUpgrade?.(request, socket, head)
    else if (auth.isOwnPage(request)) deps.socket.upgrade(request, socket, head, auth.cookieToken(request))
    else refuseUpgrade(socket, auth.foreignPage(request))
  })
  const port = await listen(server, { port: deps.port, address: deps.address, variable: 'FADO_HTTP_PORT' })
  return {
    port,
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

/** An object's key is whatever follows, also what would lead elsewhere in an address; below the stores' events a store follows. */
function routeOf(request: IncomingMessage): string | undefined {
  if (request.url?.startsWith(objectsPath)) return objectsPath
  const path = pathOf(request)
  return path?.startsWith(`${notifyPath}/`) ? notifyPath : path
}

function pathOf(request: IncomingMessage): string | undefined {
  return URL.parse(request.url ?? '', 'http://fado')?.pathname
}

function refuseUpgrade(socket: Duplex, why: string): void {
  const head = `connection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(why)}`
  socket.end(`HTTP/1.1 403 Forbidden\r\n${head}\r\n\r\n${why}`)
}
