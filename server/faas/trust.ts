// Whom FaDO believes when it speaks to a platform over https, and what it shows of itself: as Envoy does, so that what is
// found healthy can be called.
import { createSecureContext, type SecureContext } from 'node:tls'
import type { FaasTls } from '../domain/fleet/faas-auth.ts'
import { trustedCertificates } from '../trusted-certificates.ts'

export type TlsOptions = { readonly secureContext: SecureContext; readonly rejectUnauthorized: boolean }

/** It reads some 150 certificates, so one is kept for each that was asked for lately. */
const contexts = new Map<string, SecureContext>()
const mostContexts = 100

/** `clientKey`: PEM of the client certificate's key, where there is one. */
export function tlsOptions(tls: FaasTls | undefined, clientKey: string | undefined): TlsOptions {
  const { caCertificates = null, skipVerify = false, clientCertificate = null } = tls ?? {}
  const shown = clientCertificate !== null && clientKey ? { cert: clientCertificate, key: clientKey } : {}
  const name = JSON.stringify([caCertificates, shown])
  let secureContext = contexts.get(name)
  if (secureContext === undefined) {
    const ca = [...trustedCertificates(), ...(caCertificates === null ? [] : [caCertificates])]
    secureContext = createSecureContext({ ca, ...shown })
    if (contexts.size >= mostContexts) contexts.clear()
    contexts.set(name, secureContext)
  }
  return { secureContext, rejectUnauthorized: !skipVerify }
}
