// Who sends a request: the bearer token, or the cookie that a browser got for one.
import type { IncomingMessage } from 'node:http'
import { bearerToken } from '../services/tokens/authenticate.ts'

/** Cookies do not know ports: two FaDOs on one machine must not sign each other out. */
function cookieName(request: IncomingMessage): string {
  const port = /:(\d+)$/.exec(request.headers.host ?? '')?.[1]
  return port === undefined ? 'fado_session' : `fado_session_${port}`
}

const attributes = 'Path=/; HttpOnly; SameSite=Strict'

export function sessionCookie(request: IncomingMessage, secret: string): string {
  return `${cookieName(request)}=${encodeURIComponent(secret)}; ${attributes}${secure(request)}`
}

export const endedCookie = (request: IncomingMessage): string =>
  `${cookieName(request)}=; ${attributes}; Max-Age=0${secure(request)}`

/** Behind a proxy that speaks TLS to the browser. */
const secure = (request: IncomingMessage): string =>
  request.headers['x-forwarded-proto'] === 'https' ? '; Secure' : ''

export function cookieToken(request: IncomingMessage): string | undefined {
  const name = cookieName(request)
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key = '', value = ''] = part.split('=', 2)
    if (key.trim() === name && value !== '') return decode(value.trim())
  }
  return undefined
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** Browsers name the page that sends; a cookie is taken only from pages of ours. Programs name none. */
export function isOwnOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return request.headers['sec-fetch-site'] !== 'cross-site'
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase()
}

/** The token that a request carries; a cookie that a foreign page makes a browser send does not count. */
export function requestToken(request: IncomingMessage): string | undefined {
  const { authorization } = request.headers
  if (authorization !== undefined) return bearerToken(authorization)
  return isOwnOrigin(request) ? cookieToken(request) : undefined
}
