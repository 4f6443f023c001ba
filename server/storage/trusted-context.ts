import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls'

/** Trusts what Node does by itself and what the machine's administrator does. Make it once: it reads 300 certificates. */
export function trustedContext(): SecureContext {
  return createSecureContext({ ca: [...getCACertificates('default'), ...getCACertificates('system')] })
}
