// The HTTP of a process that serves nothing else: /metrics, /healthz and /readyz of a mover.
import { createServer } from 'node:http'
import type { Log } from '../log.ts'
import { listen } from './listen.ts'
import { sendText } from './respond.ts'
import { type StatusDeps, statusRoutes } from './status-routes.ts'

export type StatusServer = { readonly port: number; stop(): Promise<void> }

/** Throws IN_USE, naming `variable`, when the port cannot be had. */
export async function createStatusServer(
  deps: StatusDeps & {
    readonly address: string
    /** 0 = a free one. */
    readonly port: number
    readonly variable: string
    readonly log: Log
  },
): Promise<StatusServer> {
  const routes = statusRoutes(deps)
  const server = createServer((request, response) => {
    const path = URL.parse(request.url ?? '', 'http://fado')?.pathname ?? ''
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    if (route === undefined) return sendText(response, 404, 'not found: ask /metrics, /healthz or /readyz\n')
    Promise.resolve(route(request, response)).catch((error: unknown) => {
      deps.log.error({ err: error, route: path }, 'a request failed')
      if (response.headersSent) response.destroy()
      else sendText(response, 500, 'The log says why\n')
    })
  })
  const port = await listen(server, deps)
  return {
    port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
