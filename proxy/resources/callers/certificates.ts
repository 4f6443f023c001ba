// TLS for callers, and callers who prove by a certificate who they are. Envoy asks for one and checks it by one authority; a
// script notes what it says as the call's metadata, where no caller can write. Routes of guarded tables ask for that.
import { contentId } from '../../../server/content-id.ts'
import { certificateScript } from '../../lua/scripts.ts'
import { ingressSecret } from '../secret-names.ts'
import { adsSource, extension, type WireObject } from '../wire.ts'
import { callSays, exactly, listWith } from './call-says.ts'
import type { CallerProof } from './caller-proof.ts'

/** Where the script notes it: `authority`, and `names` such as `URI:spiffe://clinic/nurse` and `DNS:nurse.example`. */
const noted = 'fado.certificate'

/** Of who signs certificates: a connection that another one was asked for is nobody's. */
const nameOf = (authority: string) => contentId(authority)

const says = (what: string, value: WireObject) => callSays(noted, [what], value)

const isSignedBy = (authority: string): WireObject => says('authority', exactly(nameOf(authority)))

/** No DNS name has a colon, every URI has one. */
const asNoted = (name: string) => `${name.includes(':') ? 'URI' : 'DNS'}:${name}`

function namesOneOf(names: readonly string[]): WireObject {
  const matchers = names.map((name) => listWith(exactly(asNoted(name))))
  const [only] = matchers
  // Envoy refuses a choice of one.
  return says('names', only !== undefined && matchers.length === 1 ? only : { or_match: { value_matchers: matchers } })
}

export const certificates: CallerProof<'certificate'> = {
  isThere: ({ authority }) => (authority === undefined ? undefined : isSignedBy(authority)),
  of: ({ authority, names }) => [isSignedBy(authority), namesOneOf(names)],
}

/** A filter of the listener. `authority`: in PEM; undefined: nobody is known by a certificate. */
export const noteCertificates = (authority: string | undefined): WireObject[] =>
  authority === undefined
    ? []
    : [
        extension('fado.certificate', 'envoy.extensions.filters.http.lua.v3.Lua', {
          default_source_code: {
            inline_string: `local authority = "${nameOf(authority)}"\n${certificateScript}`,
          },
        }),
      ]

/** How callers connect. Who shows no certificate is served; one that `authority` has not signed ends the connection. */
export const tlsSocket = (authority: string | undefined): WireObject =>
  extension('envoy.transport_sockets.tls', 'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', {
    common_tls_context: {
      tls_params: { tls_minimum_protocol_version: 'TLSv1_2' },
      tls_certificate_sds_secret_configs: [{ name: ingressSecret, sds_config: adsSource }],
      alpn_protocols: ['h2', 'http/1.1'],
      ...(authority === undefined ? {} : { validation_context: { trusted_ca: { inline_string: authority } } }),
    },
    // A session that is resumed would bring a certificate that is not checked again.
    ...(authority === undefined
      ? {}
      : { disable_stateless_session_resumption: true, disable_stateful_session_resumption: true }),
  })
