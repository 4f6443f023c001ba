// The way of objects through FaDO, for who cannot reach a store: GET and PUT of `/api/objects/BUCKET/KEY`, streamed.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ErrorCode, FadoError, unavailable } from '../domain/errors.ts'
import { idOf } from '../domain/global-id.ts'
import { roleAllows } from '../domain/token-role.ts'
import type { Log } from '../log.ts'
import type { Services } from '../services/services.ts'
import type { Authenticated } from '../services/tokens/authenticate.ts'
import { parseObjectAddress } from './object-address.ts'
import { createActorOf } from './request-actor.ts'
import type { RequestAuth } from './request-auth.ts'
import { sendError, sendJson } from './respond.ts'
import type { Handler } from './route.ts'
import { sendObject } from './send-object.ts'
import { whileAway } from './while-away.ts'

export type ObjectServices = Pick<Services, 'authenticate' | 'readObject' | 'putObject' | 'putPart'>

/** Each holds a connection to a store and one to its client. */
const mostAtOnce = 64
/** Without a byte in either direction. */
const idleMs = 60_000
/** How long a client that was refused may go on sending, so that it reads why. */
const lingerMs = 2_000

const statuses: Readonly<Record<ErrorCode, number>> = {
  VALIDATION_FAILED: 400,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  CONFLICT: 409,
  IN_USE: 409,
  UNREACHABLE: 502,
  UNSAFE: 409,
  FORBIDDEN: 403,
  LIMIT_EXCEEDED: 507, // a store that is full
}

type Refuse = (status: number, code: string, message: string, headers?: Readonly<Record<string, string>>) => void

export function createObjectsRoute(deps: { services: ObjectServices; auth: RequestAuth; log: Log }): Handler {
  const { services, auth } = deps
  const actorOf = createActorOf(deps)
  let underWay = 0

  async function work(request: IncomingMessage, response: ServerResponse, refuse: Refuse): Promise<void> {
    const address = parseObjectAddress(request.url ?? '')
    if (address === undefined)
      return refuse(400, 'BAD_REQUEST', 'The address must be /api/objects/BUCKET/KEY, the key percent-encoded')
    const { method = '' } = request
    if (!['GET', 'HEAD', 'PUT'].includes(method))
      return refuse(405, 'METHOD_NOT_ALLOWED', 'GET, HEAD or PUT', { allow: 'GET, HEAD, PUT' })
    const actor = await actorOf(request)
    if (typeof actor === 'string') return refuse(...whileAway(actor))
    if (actor === undefined) {
      const why = auth.isOwnPage(request)
        ? 'A valid token is needed: Authorization: Bearer TOKEN'
        : auth.foreignPage(request)
      return refuse(401, 'UNAUTHENTICATED', why, { 'www-authenticate': 'Bearer' })
    }
    if (!roleAllows(actor.role, 'VIEWER'))
      return refuse(403, 'FORBIDDEN', `A token of the role ${actor.role} may not be used here`)
    const gone = new AbortController()
    response.once('close', () => {
      if (!response.writableFinished) gone.abort()
    })
    request.setTimeout(idleMs)
    if (method === 'PUT') return put(request, response, { ...address, actor, signal: gone.signal, refuse })
    const { bucket, key, query } = address
    const input = { bucket, key, storageDeployment: query.get('store'), signal: gone.signal }
    await services.readObject(input, (object) => sendObject(request, response, object))
  }

  type Put = NonNullable<ReturnType<typeof parseObjectAddress>> & {
    readonly actor: Authenticated
    readonly signal: AbortSignal
    readonly refuse: Refuse
  }

  async function put(request: IncomingMessage, response: ServerResponse, { actor, refuse, query, ...to }: Put) {
    const length = request.headers['content-length'] ?? ''
    if (!/^\d{1,15}$/.test(length)) return refuse(411, 'LENGTH_REQUIRED', 'Say how many bytes come: Content-Length')
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity')
      return refuse(415, 'UNSUPPORTED_MEDIA_TYPE', 'Send the bytes as they are, without Content-Encoding')
    const sent = { bucket: to.bucket, key: to.key, body: request, size: Number(length), signal: to.signal }
    const upload = query.get('upload')
    if (upload !== null) {
      const part = { ...sent, id: idOf('Upload', upload), number: Number(query.get('part') ?? 0) }
      const etag = await services.putPart(actor, part)
      return sendJson(response, 200, { etag }, { etag: `"${etag}"` })
    }
    const { key, size, etag } = await services.putObject(actor, {
      ...sent,
      contentType: request.headers['content-type'] ?? null,
    })
    sendJson(response, 200, { key, size, etag }, { etag: `"${etag}"` })
  }

  return async (request, response) => {
    const refuse: Refuse = (status, code, message, headers = {}) => {
      if (response.headersSent || response.destroyed) return void response.destroy()
      sendError(response, status, code, message, headers)
      if (request.complete) return
      const late = setTimeout(() => request.socket.destroy(), lingerMs)
      request.once('end', () => clearTimeout(late)).once('close', () => clearTimeout(late))
      request.resume()
    }
    if (underWay >= mostAtOnce)
      return refuse(503, unavailable, `${mostAtOnce} objects are on their way through FaDO: try again`, {
        'retry-after': '1',
      })
    underWay++
    try {
      await work(request, response, refuse)
    } catch (error) {
      if (!(error instanceof FadoError)) throw error
      refuse(statuses[error.code], error.code, error.message)
    } finally {
      underWay--
    }
  }
}
