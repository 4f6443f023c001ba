// What machines ask of a process: whether it runs, whether it can work, and its figures. No token is needed.
import type { Exposition } from '../metrics/exposition.ts'
import { sendText, serverName } from './respond.ts'
import type { Handler } from './route.ts'

export type StatusDeps = {
  readonly exposition: Exposition
  /** Why it cannot work now, in a sentence; undefined: it can. */
  readonly whyNotReady: () => Promise<string | undefined>
}

export const statusRoutes = ({ exposition, whyNotReady }: StatusDeps): Readonly<Record<string, Handler>> => ({
  '/healthz': async (_request, response) => sendText(response, 200, 'ok\n', { server: serverName }),
  '/readyz': async (_request, response) => {
    const why = await whyNotReady()
    sendText(response, why === undefined ? 200 : 503, why === undefined ? 'ready\n' : `not ready: ${why}\n`)
  },
  '/metrics': async (_request, response) =>
    sendText(response, 200, await exposition.text(), { 'content-type': exposition.contentType }),
})
