// Calls go over TLS to the deployments whose url says https, and as they are to the others.
import { extension, struct, typedStruct, type WireObject } from '../wire.ts'
import type { Feature } from './feature.ts'

const plainSocket = extension(
  'envoy.transport_sockets.raw_buffer',
  'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
)
const tlsSocket = (trustedCa: string): WireObject => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: typedStruct('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
    auto_host_sni: true,
    auto_sni_san_validation: true,
    common_tls_context: { validation_context: { trusted_ca: { inline_string: trustedCa } } },
  }),
})

export const tls: Feature = {
  needs: (target) => target.tls,
  metadata: { 'envoy.transport_socket_match': struct({ tls: true }) },
  fields: (trustedCa) => ({
    // The match that takes all must come last.
    transport_socket_matches: [
      { name: 'tls', match: struct({ tls: true }), transport_socket: tlsSocket(trustedCa) },
      { name: 'plain', match: struct({}), transport_socket: plainSocket },
    ],
  }),
}
