// Signing in: a token is traded for a cookie that no script can read.
import type { IncomingMessage } from 'node:http'
import { roleAllows } from '../domain/token-role.ts'
import type { Services } from '../services/services.ts'
import type { RequestAuth } from './request-auth.ts'
import { isJson, readBody } from './request-body.ts'
import { sendError } from './respond.ts'
import type { Handler } from './route.ts'
import type { SignInLimit } from './sign-in-limit.ts'

const maxBodyBytes = 4_096

function tokenOf(body: string): string | undefined {
  try {
    const { token } = JSON.parse(body) as { token?: unknown }
    return typeof token === 'string' ? token : undefined
  } catch {
    return undefined
  }
}

export function createSessionRoute(deps: {
  services: Pick<Services, 'authenticate'>
  auth: RequestAuth
  limit: SignInLimit
  onFailure: () => void
}): Handler {
  const { services, auth, limit, onFailure } = deps
  const signIn: Handler = async (request, response) => {
    if (!isJson(request)) return sendError(response, 415, 'UNSUPPORTED_MEDIA_TYPE', 'Send application/json')
    const secret = tokenOf(await readBody(request, maxBodyBytes))
    const actor = secret === undefined ? undefined : await services.authenticate(secret)
    if (secret === undefined || actor === undefined) {
      onFailure()
      const wait = await limit.failed(request.socket.remoteAddress ?? '')
      if (wait === 0) return sendError(response, 401, 'UNAUTHENTICATED', 'This is not a valid token')
      const message = `This is not a valid token either; there were many: wait ${wait} s, or give a valid one`
      return sendError(response, 429, 'TOO_MANY_REQUESTS', message, { 'retry-after': String(wait) })
    }
    if (!roleAllows(actor.role, 'VIEWER'))
      return sendError(response, 403, 'FORBIDDEN', `A token of the role ${actor.role} cannot sign in`)
    response.writeHead(204, { 'set-cookie': auth.sessionCookie(request, secret), 'cache-control': 'no-store' }).end()
  }
  const signOut = (request: IncomingMessage): Record<string, string> => ({
    'set-cookie': auth.endedCookie(request),
    'cache-control': 'no-store',
  })
  return async (request, response) => {
    if (!auth.isOwnPage(request)) return sendError(response, 403, 'FORBIDDEN', auth.foreignPage(request))
    if (request.method === 'POST') return signIn(request, response)
    if (request.method === 'DELETE') return void response.writeHead(204, signOut(request)).end()
    return sendError(response, 405, 'METHOD_NOT_ALLOWED', 'POST or DELETE', { allow: 'POST, DELETE' })
  }
}
