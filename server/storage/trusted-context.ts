import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

export type Trust = {
  /** Certificates of authorities (PEM) that are trusted beside the others. */
  readonly ca?: string | null
  /** Any certificate is taken, of any name and from anyone. */
  readonly skipVerify?: boolean
}

/** Trusts what Node does by itself, what the machine's administrator does, and `ca`. Make it once: it reads 300 certificates. */
export function trustedContext(ca: string | null = null): SecureContext {
  const own = ca === null ? [] : [ca]
  return createSecureContext({ ca: [...getCACertificates('default'), ...getCACertificates('system'), ...own] })
}
