// Where stores post their events. MinIO has two senders for all targets: they are answered before any work. What AWS SNS sends is
// judged first, for it has no token.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Webhook } from '../services/events/webhook.ts'
import { bearerToken, passwordOf } from '../services/tokens/authenticate.ts'
import { readBody } from './request-body.ts'
import { sendText } from './respond.ts'
import type { Handler } from './route.ts'

export const notifyPath = '/api/notify'

const maxBodyBytes = 1_000_000
/** SNS sends at most 256 KB; escapes make some of it longer. Nobody has proved anything before it is read. */
const maxSnsBytes = 400_000

/** Told how each post ended. */
export type DeliveryMetrics = {
  /** With so many events in it. */
  taken(events: number): void
  /** For want of a token, or of a signature that is good. */
  refused(): void
  /** It may have held events, and nobody knows which. */
  missed(): void
}

/** The store that `/api/notify/NAME` names; null: none. */
function storeOf(request: IncomingMessage): string | null {
  const path = URL.parse(request.url ?? '', 'http://fado')?.pathname ?? ''
  return path === notifyPath ? null : path.slice(notifyPath.length + 1)
}

/** Of one header, not of two: it would not be clear whose token counts. */
function tokenOf({ headersDistinct }: IncomingMessage): string | undefined {
  const [header, ...more] = headersDistinct['authorization'] ?? []
  return more.length > 0 ? undefined : (bearerToken(header) ?? passwordOf(header))
}

/** With raw delivery SNS signs nothing: then it needs a token like anybody else. */
const isSns = ({ headers }: IncomingMessage): boolean =>
  headers['x-amz-sns-message-type'] !== undefined && headers['x-amz-sns-rawdelivery'] !== 'true'

export function createNotifyRoute(deps: { webhook: Webhook; metrics: DeliveryMetrics }): Handler {
  const { webhook, metrics } = deps
  function missed(): void {
    webhook.missed()
    metrics.missed()
  }

  async function takeSns(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const taken = await webhook.takeSns(await readBody(request, maxSnsBytes))
    switch (taken.is) {
      case 'taken':
        response.writeHead(204).end()
        return metrics.taken(taken.events)
      case 'refused':
        metrics.refused()
        return sendText(response, 403, `${taken.why}\n`)
      case 'later':
        // SNS tries again for up to an hour, and no sweep is worth what nobody has proved to have sent.
        return sendText(response, 503, 'FaDO cannot judge this now\n', { 'retry-after': '5' })
    }
  }

  return async (request, response) => {
    // MinIO looks whether its target is there before it sends; that tells nothing and needs no token.
    if (request.method === 'GET' || request.method === 'HEAD') return sendText(response, 200, '')
    if (isSns(request)) return takeSns(request, response)
    const secret = tokenOf(request)
    const access = secret === undefined ? 'refused' : await webhook.ask(secret)
    if (access === 'refused') {
      metrics.refused()
      const ways = 'Bearer, Basic realm="FaDO"'
      return sendText(response, 401, 'A token of the role NOTIFY is needed\n', { 'www-authenticate': ways })
    }
    if (access === 'unknown') {
      missed()
      return sendText(response, 503, 'FaDO cannot reach its database\n', { 'retry-after': '1' })
    }
    const store = storeOf(request)
    if (store !== null && !(await webhook.knows(store)))
      return sendText(response, 404, `There is no store of the name in ${notifyPath}/NAME\n`)
    const body = await readBody(request, maxBodyBytes).catch((error: unknown) => {
      missed() // too large, or cut off on its way
      throw error
    })
    response.writeHead(204).end()
    metrics.taken(webhook.take(body, store))
  }
}
