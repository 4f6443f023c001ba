import { isIP } from 'node:net'

/** Where a deployment's url leads, as far as Envoy is concerned. */
export type Target = {
  readonly tls: boolean
  readonly port: number
  /**
   * For SNI and the certificate's name; '' for an IP address over plain http. Envoy compares certificates with names only:
   * https to an IP address is never trusted.
   */
  readonly hostname: string
  /** The Host header that the deployment wants; null = the client's own. */
  readonly host: string | null
  /** Put before the path of each call; '' = nothing. */
  readonly base: string
}

/** undefined: not a url that calls can be sent to. */
export function parseTarget(url: string): Target | undefined {
  const parsed = URL.parse(url)
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol) || parsed.hostname === '') return undefined
  const tls = parsed.protocol === 'https:'
  const port = parsed.port === '' ? (tls ? 443 : 80) : Number(parsed.port)
  if (port === 0) return undefined
  const address = parsed.hostname.replace(/^\[(.*)\]$/, '$1')
  const named = tls || isIP(address) === 0
  return {
    tls,
    port,
    hostname: named ? address : '',
    host: named ? parsed.host : null,
    base: parsed.pathname.replace(/\/+$/, ''),
  }
}
