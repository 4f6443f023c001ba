// Who sends a request, and from which page: the bearer token, or the cookie that a browser got for one. A cookie counts
// from pages of ours only, and this is the one place that says which pages those are.
import type { IncomingMessage } from 'node:http'
import { bearerToken } from '../services/tokens/authenticate.ts'

export type RequestAuth = {
  /** Browsers name the page that sends. Programs name none: they pass. */
  isOwnPage(request: IncomingMessage): boolean
  /** Why a request of another page is refused, and what to set when that page is FaDO's. */
  foreignPage(request: IncomingMessage): string
  /** The token that a request carries; a cookie that a foreign page makes a browser send does not count. */
  requestToken(request: IncomingMessage): string | undefined
  cookieToken(request: IncomingMessage): string | undefined
  sessionCookie(request: IncomingMessage, secret: string): string
  endedCookie(request: IncomingMessage): string
}

const attributes = 'Path=/; HttpOnly; SameSite=Strict'
/** Longer names of pages are not repeated. */
const longestOrigin = 300

/** Of pages on the web: `null` (a sandbox, a file) and other schemes are no pages of ours. */
function originOf(request: IncomingMessage): URL | null {
  const origin = URL.parse(request.headers.origin ?? '')
  return origin !== null && /^https?:$/.test(origin.protocol) ? origin : null
}

/** Without the port that goes without saying: `fado.example:443` is what https://fado.example asks for. */
const hostFor = (protocol: string, host = ''): string | undefined =>
  /^[\w.[\]:-]+$/.test(host) ? URL.parse(`${protocol}//${host}`)?.host : undefined

/**
 * `publicUrl` (FADO_PUBLIC_URL) is where browsers reach FaDO when something stands before it that changes `Host`. A page is
 * FaDO's when it comes from there, or from the very host that it sends its request to.
 */
export function createRequestAuth(publicUrl: string | undefined): RequestAuth {
  const publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin

  function isOwnPage(request: IncomingMessage): boolean {
    if (request.headers.origin === undefined) return request.headers['sec-fetch-site'] !== 'cross-site'
    const origin = originOf(request)
    if (origin === null) return false
    return origin.origin === publicOrigin || origin.host === hostFor(origin.protocol, request.headers.host)
  }

  /** Cookies do not know ports: two FaDOs on one machine must not sign each other out. */
  function cookieName(request: IncomingMessage): string {
    const origin = originOf(request)
    const port = origin === null ? /:(\d+)$/.exec(request.headers.host ?? '')?.[1] : origin.port
    return port === undefined || port === '' ? 'fado_session' : `fado_session_${port}`
  }

  /** What the browser itself speaks; where it does not tell, what a proxy before us says, or the public address. */
  function secure(request: IncomingMessage): string {
    const origin = originOf(request)
    const isSecure =
      request.headers['x-forwarded-proto'] === 'https' ||
      (origin === null ? publicOrigin?.startsWith('https:') === true : origin.protocol === 'https:')
    return isSecure ? '; Secure' : ''
  }

  function cookieToken(request: IncomingMessage): string | undefined {
    const name = cookieName(request)
    for (const part of (request.headers.cookie ?? '').split(';')) {
      const [key = '', value = ''] = part.split('=', 2)
      if (key.trim() === name && value !== '') return decode(value.trim())
    }
    return undefined
  }

  return {
    isOwnPage,
    cookieToken,
    foreignPage(request) {
      const origin = originOf(request)?.origin.slice(0, longestOrigin)
      const known = publicUrl === undefined ? 'is not set' : `is ${publicUrl}`
      const page = origin === undefined ? 'A page of another site' : `A page of ${origin}`
      const cure = origin === undefined ? 'to the address in the browser' : `to ${origin}`
      return `${page} may not do this: FaDO was asked as ${request.headers.host ?? 'no host'}, and FADO_PUBLIC_URL ${known}. If that page is FaDO's, behind a reverse proxy, set FADO_PUBLIC_URL ${cure}`
    },
    requestToken(request) {
      const { authorization } = request.headers
      if (authorization !== undefined) return bearerToken(authorization)
      return isOwnPage(request) ? cookieToken(request) : undefined
    },
    sessionCookie: (request, secret) =>
      `${cookieName(request)}=${encodeURIComponent(secret)}; ${attributes}${secure(request)}`,
    endedCookie: (request) => `${cookieName(request)}=; ${attributes}; Max-Age=0${secure(request)}`,
  }
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
