// What browsers are told of the console's pages. Next reads the nonce from the request and gives it to its own scripts.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** For the upgrade of the same page: older browsers do not count ws: as 'self'. */
const socketOf = (host: string): string => (/^[\w.[\]:-]+$/.test(host) ? ` ws://${host} wss://${host}` : '')

/** What the page is reached by: what the request says, and FADO_PUBLIC_URL. */
const hostsOf = (request: IncomingMessage, publicUrl: string | undefined): string[] => [
  ...new Set([request.headers.host ?? [], publicUrl === undefined ? [] : new URL(publicUrl).host].flat()),
]

/** `dev`: the console is compiled as it is asked for, which evaluates code and writes styles inline. */
export function contentSecurityPolicy(nonce: string, hosts: readonly string[], dev: boolean): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'${dev ? " 'unsafe-eval'" : ''}`,
    dev ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${hosts.map(socketOf).join('')}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Before Next is called. */
export function securePage(
  request: IncomingMessage,
  response: ServerResponse,
  { publicUrl, dev }: { readonly publicUrl: string | undefined; readonly dev: boolean },
): void {
  const policy = contentSecurityPolicy(randomBytes(16).toString('base64'), hostsOf(request, publicUrl), dev)
  request.headers['content-security-policy'] = policy
  response.setHeader('content-security-policy', policy)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'same-origin')
}
