import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

/** Trusts what Node does by itself, what the machine's administrator does, and `own` (PEM). Make it once: it reads 300 certificates. */
export function trustedContext(own: string | null): SecureContext {
  const ca = [...getCACertificates('default'), ...getCACertificates('system'), ...(own === null ? [] : [own])]
  return createSecureContext({ ca })
}
