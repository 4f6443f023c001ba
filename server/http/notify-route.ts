// Where stores post their events. MinIO has two senders for all targets: they are answered before any work.

import type { Webhook } from '../services/events/webhook.ts'
import { bearerToken } from '../services/tokens/authenticate.ts'
import { readBody } from './request-body.ts'
import { sendText } from './respond.ts'
import type { Handler } from './route.ts'

const maxBodyBytes = 1_000_000

/** Told how each post ended. */
export type DeliveryMetrics = {
  /** With so many events in it. */
  taken(events: number): void
  /** For want of a token. */
  refused(): void
  /** It may have held events, and nobody knows which. */
  missed(): void
}

export function createNotifyRoute(deps: { webhook: Webhook; metrics: DeliveryMetrics }): Handler {
  const { webhook, metrics } = deps
  function missed(): void {
    webhook.missed()
    metrics.missed()
  }
  return async (request, response) => {
    // MinIO looks whether its target is there before it sends; that tells nothing and needs no token.
    if (request.method === 'GET' || request.method === 'HEAD') return sendText(response, 200, '')
    const secret = bearerToken(request.headers.authorization)
    const access = secret === undefined ? 'refused' : await webhook.ask(secret)
    if (access === 'refused') {
      metrics.refused()
      return sendText(response, 401, 'A token of the role NOTIFY is needed\n', { 'www-authenticate': 'Bearer' })
    }
    if (access === 'unknown') {
      missed()
      return sendText(response, 503, 'FaDO cannot reach its database\n', { 'retry-after': '1' })
    }
    const body = await readBody(request, maxBodyBytes).catch((error: unknown) => {
      missed() // too large, or cut off on its way
      throw error
    })
    response.writeHead(204).end()
    metrics.taken(webhook.take(body))
  }
}
