import { roleAllows } from '../domain/token-role.ts'
import type { Log } from '../log.ts'
import type { Services } from '../services/services.ts'
import type { Actor } from '../services/shared/authorize.ts'
import { createActorOf } from './request-actor.ts'
import type { RequestAuth } from './request-auth.ts'
import { BodyTooLarge, isJson, readBody } from './request-body.ts'
import { sendGraphqlError } from './respond.ts'
import type { Handler } from './route.ts'
import { whileAway } from './while-away.ts'

const maxBodyBytes = 1_000_000

/** What the server needs of GraphQL over HTTP. */
export type GraphqlEndpoint = {
  execute(
    actor: Actor,
    body: unknown,
  ): Promise<{ readonly status: number; readonly headers: Iterable<readonly [string, string]>; readonly body: string }>
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Only POST with application/json is taken, so no page of another site can make a browser send one unasked. */
export function createGraphqlRoute(deps: {
  services: Pick<Services, 'authenticate'>
  auth: RequestAuth
  graphql: GraphqlEndpoint
  log: Log
}): Handler {
  const { auth, graphql } = deps
  const actorOf = createActorOf(deps)
  return async (request, response) => {
    if (request.method !== 'POST')
      return sendGraphqlError(response, 405, 'METHOD_NOT_ALLOWED', 'Send POST', { allow: 'POST' })
    if (!isJson(request))
      return sendGraphqlError(response, 415, 'UNSUPPORTED_MEDIA_TYPE', 'Send application/json in UTF-8')
    const actor = await actorOf(request)
    if (typeof actor === 'string') return sendGraphqlError(response, ...whileAway(actor))
    if (actor === undefined)
      return sendGraphqlError(
        response,
        401,
        'UNAUTHENTICATED',
        auth.isOwnPage(request) ? 'A valid token is needed: Authorization: Bearer TOKEN' : auth.foreignPage(request),
        {
          'www-authenticate': 'Bearer',
        },
      )
    if (!roleAllows(actor.role, 'VIEWER'))
      return sendGraphqlError(response, 403, 'FORBIDDEN', `A token of the role ${actor.role} may not be used here`)

    let text: string
    try {
      text = await readBody(request, maxBodyBytes)
    } catch (error) {
      if (!(error instanceof BodyTooLarge)) throw error
      return sendGraphqlError(response, 413, 'BODY_TOO_LARGE', `A request may have ${maxBodyBytes} bytes`, {
        connection: 'close',
      })
    }
    const body = parseJson(text)
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      return sendGraphqlError(response, 400, 'BAD_REQUEST', 'The body must be one GraphQL request as a JSON object')
    const answer = await graphql.execute(actor, body)
    response.writeHead(answer.status, { ...Object.fromEntries(answer.headers), 'cache-control': 'no-store' })
    response.end(answer.body)
  }
}
