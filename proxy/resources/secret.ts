// What proves to platforms that calls are FaDO's, sent apart from all else: Envoy shows secrets to nobody.
import { certificateSecret, headerSecret } from './secret-names.ts'
import type { Target } from './target.ts'
import type { WireObject } from './wire.ts'

/** undefined: no deployment needs it any more. */
export function buildSecret(name: string, all: readonly Target[]): WireObject | undefined {
  for (const { identity, tls } of all) {
    const header =
      identity?.kind === 'header' ? identity.secrets.find((secret) => headerSecret(secret.name) === name) : undefined
    if (header) return { name, generic_secret: { secret: { inline_string: header.value } } }
    if (tls?.clientCertificate && tls.clientKey && certificateSecret(tls.key) === name)
      return {
        name,
        tls_certificate: {
          certificate_chain: { inline_string: tls.clientCertificate },
          private_key: { inline_string: tls.clientKey },
        },
      }
  }
  return undefined
}
