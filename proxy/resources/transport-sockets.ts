// How Envoy connects to deployments: plainly or over TLS, at their address or by the way inside of Envoy to one that is shared.
import { certificateSecret } from './secret-names.ts'
import type { Target, TargetTls } from './target.ts'
import { any, extension, struct, typedStruct, type WireObject } from './wire.ts'

/** What an endpoint is matched by; `tls`: the name of its settings, or `true` for those of the machine. */
export const socketMatch = ({ tls, isShared }: Target): WireObject => ({
  ...(tls === null ? {} : { tls: tls.key === '' ? true : tls.key }),
  ...(isShared ? { shared: true } : {}),
})

/** One for each kind that these deployments need. The first that matches is taken, so those that ask for more come first. */
export function transportSocketMatches(all: readonly Target[], trustedCa: string): WireObject[] {
  const kinds = new Map<string, Target>()
  for (const target of all) {
    const name = nameOf(target)
    if (name !== '') kinds.set(name, target)
  }
  const asksMore = (a: string, b: string) => b.split('+').length - a.split('+').length || (a < b ? -1 : 1)
  return [
    ...[...kinds]
      .sort(([a], [b]) => asksMore(a, b))
      .map(([name, target]) => ({
        name,
        match: struct(socketMatch(target)),
        transport_socket: socketOf(target, trustedCa),
      })),
    { name: 'plain', match: struct({}), transport_socket: plainSocket },
  ]
}

/** E.g. `shared+tls:Ab12`. */
const nameOf = ({ tls, isShared }: Target): string =>
  [...(isShared ? ['shared'] : []), ...(tls ? [tls.key === '' ? 'tls' : `tls:${tls.key}`] : [])].join('+')

function socketOf({ tls, isShared }: Target, trustedCa: string): WireObject {
  const socket = tls === null ? plainSocket : tlsSocket(tls, trustedCa)
  return isShared ? inside(socket) : socket
}

const plainSocket = extension(
  'envoy.transport_sockets.raw_buffer',
  'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
)

/** Where the way inside of Envoy ends, is said by this metadata of the endpoint. */
export const destinationNamespace = 'envoy.filters.listener.original_dst'

const inside = (socket: WireObject): WireObject => ({
  name: 'envoy.transport_sockets.internal_upstream',
  typed_config: any('envoy.extensions.transport_sockets.internal_upstream.v3.InternalUpstreamTransport', {
    passthrough_metadata: [{ kind: { host: {} }, name: destinationNamespace }],
    transport_socket: socket,
  }),
})

function tlsSocket({ key, skipVerify, caCertificates, clientCertificate }: TargetTls, trustedCa: string): WireObject {
  const trusted = [trustedCa, caCertificates ?? ''].filter((pem) => pem !== '').join('\n')
  const verified: WireObject = skipVerify ? {} : { validation_context: { trusted_ca: { inline_string: trusted } } }
  const shown: WireObject =
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
