// Calls go over TLS to the deployments whose url says https, and as they are to the others.
import { certificateSecret } from '../secret-names.ts'
import type { Target, TargetTls } from '../target.ts'
import { extension, type StructValue, struct, typedStruct, type WireObject } from '../wire.ts'
import { asking, type Feature } from './feature.ts'

const plainSocket = extension(
  'envoy.transport_sockets.raw_buffer',
  'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
)

function tlsSocket({ key, skipVerify, caCertificates, clientCertificate }: TargetTls, trustedCa: string): WireObject {
  const trusted = [trustedCa, caCertificates ?? ''].filter((pem) => pem !== '').join('\n')
  const verified: Readonly<Record<string, StructValue>> = skipVerify
    ? {}
    : { validation_context: { trusted_ca: { inline_string: trusted } } }
  const shown: Readonly<Record<string, StructValue>> =
    clientCertificate === null
      ? {}
      : {
          tls_certificate_sds_secret_configs: [
            { name: certificateSecret(key), sds_config: { ads: {}, resource_api_version: 'V3' } },
          ],
        }
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: typedStruct('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      auto_host_sni: true,
      ...(skipVerify ? {} : { auto_sni_san_validation: true }),
      common_tls_context: { ...verified, ...shown },
    }),
  }
}

/** What endpoints are matched by: the settings' name, or `true` for those of the machine. */
const mark = ({ key }: TargetTls) => (key === '' ? true : key)

export const tls: Feature = {
  asks: (target) => target.tls?.key,
  metadata: (target) => (target.tls ? { 'envoy.transport_socket_match': { tls: mark(target.tls) } } : {}),
  fields: (all, trustedCa) => ({
    // The match that takes all must come last.
    transport_socket_matches: [
      ...asking(all, tls).flatMap((target: Target) =>
        target.tls
          ? [
              {
                name: target.tls.key === '' ? 'tls' : `tls:${target.tls.key}`,
                match: struct({ tls: mark(target.tls) }),
                transport_socket: tlsSocket(target.tls, trustedCa),
              },
            ]
          : [],
      ),
      { name: 'plain', match: struct({}), transport_socket: plainSocket },
    ],
  }),
}
