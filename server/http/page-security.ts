// What browsers are told of the console's pages. Next reads the nonce from the request and gives it to its own scripts.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

/** For the upgrade of the same page: older browsers do not count ws: as 'self'. */
const socketOf = (host: string): string => (/^[\w.[\]:-]+$/.test(host) ? ` ws://${host} wss://${host}` : '')

/** What the page is reached by: what the request says, and FADO_PUBLIC_URL. */
const hostsOf = (request: IncomingMessage, publicUrl: string | undefined): string[] => [
  ...new Set([request.headers.host ?? [], publicUrl === undefined ? [] : new URL(publicUrl).host].flat()),
]

/** Longer headers are cut off by proxies: the objects of further stores take the way through FaDO. */
const mostStores = 100

/** As an address of a browser has it, and nothing that could be read as more than one. */
const isPlainOrigin = (text: string): boolean => /^https?:\/\/[\w.[\]:-]+$/.test(text)

/**
 * `stores`: where the page may send objects to and get them from. `dev`: the console is compiled as it is asked for, which evaluates
 * code and writes styles inline.
 */
export function contentSecurityPolicy(
  nonce: string,
  {
    hosts,
    stores,
    dev,
  }: { readonly hosts: readonly string[]; readonly stores: readonly string[]; readonly dev: boolean },
): string {
  const others = [
    ...hosts.map(socketOf),
    ...stores
      .filter(isPlainOrigin)
      .slice(0, mostStores)
      .map((one) => ` ${one}`),
  ]
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'${dev ? " 'unsafe-eval'" : ''}`,
    dev ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${others.join('')}`,
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
  {
    publicUrl,
    stores,
    dev,
  }: { readonly publicUrl: string | undefined; readonly stores: readonly string[]; readonly dev: boolean },
): void {
  const hosts = hostsOf(request, publicUrl)
  const policy = contentSecurityPolicy(randomBytes(16).toString('base64'), { hosts, stores, dev })
  request.headers['content-security-policy'] = policy
  response.setHeader('content-security-policy', policy)
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('referrer-policy', 'same-origin')
}
