// What proves to platforms that calls are FaDO's, and the ingress to callers who it is, sent apart from all else: Envoy shows
// secrets to nobody.
import { certificateSecret, headerSecret, ingressSecret } from './secret-names.ts'
import type { Target } from './target.ts'
import type { WireObject } from './wire.ts'

/** In PEM: what callers see over TLS, with the authorities between it and those that they know, and its key. */
export type IngressCertificate = { readonly certificate: string; readonly key: string }

const tlsSecret = (name: string, { certificate, key }: IngressCertificate): WireObject => ({
  name,
  tls_certificate: { certificate_chain: { inline_string: certificate }, private_key: { inline_string: key } },
})

/** undefined: nobody needs it any more. */
export function buildSecret(
  name: string,
  all: readonly Target[],
  ingress: IngressCertificate | undefined,
): WireObject | undefined {
  if (name === ingressSecret) return ingress && tlsSecret(name, ingress)
  for (const { identity, tls } of all) {
    const header =
      identity?.kind === 'header' ? identity.secrets.find((secret) => headerSecret(secret.name) === name) : undefined
    if (header) return { name, generic_secret: { secret: { inline_string: header.value } } }
    if (tls?.clientCertificate && tls.clientKey && certificateSecret(tls.key) === name)
      return tlsSecret(name, { certificate: tls.clientCertificate, key: tls.clientKey })
  }
  return undefined
}
