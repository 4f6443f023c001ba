import { isIP } from 'node:net'
import { controlPlaneCluster } from './resources/names.ts'
import { runtimeLayer } from './resources/runtime.ts'
import { adsSource, any, socketAddress, type WireObject } from './resources/wire.ts'
import { sharedAddressCluster, sharedAddressExtension, sharedAddressListener } from './shared-address.ts'

export type BootstrapOptions = {
  /** Names this Envoy in status and logs; unique in the fleet. */
  readonly nodeId: string
  /** Where the control planes serve xDS, at least one: Envoy is connected to one of them, and goes to another when that ends. */
  readonly xds: readonly { readonly address: string; readonly port: number }[]
  /** Envoy's admin interface. It can stop Envoy and shows its configuration: keep it on loopback. */
  readonly admin: { readonly address: string; readonly port: number }
  /** FaDO token with role PROXY; null: a certificate is its proof. */
  readonly token: string | null
  /** The control planes serve xDS over TLS. Default: they do not. */
  readonly tls?: XdsTls | null
}

/** Paths of PEM files, as this Envoy finds them. */
export type XdsTls = {
  /** The authorities that signed what the control planes show; each must show a name that Envoy reaches one of them by. */
  readonly ca: string
  /** What this Envoy shows; null: nothing. One of its DNS names must be the node's id. */
  readonly client: { readonly certificate: string; readonly key: string } | null
}

const tokenSecret = 'fado_xds_token'

const filter = (name: string, config: WireObject): WireObject => ({
  name,
  typed_config: any(`envoy.extensions.filters.http.${name}`, config),
})

/**
 * The token goes out from a secret, which Envoy's admin interface shows as `[redacted]`; `initial_metadata` of the stream
 * it would show as it is (`/config_dump`).
 */
const injectToken = filter('credential_injector.v3.CredentialInjector', {
  overwrite: true,
  credential: {
    name: 'fado_xds_token',
    typed_config: any('envoy.extensions.http.injected_credentials.generic.v3.Generic', {
      credential: { name: tokenSecret },
      header: 'authorization',
    }),
  },
})

const secretOf = (token: string): WireObject => ({
  name: tokenSecret,
  generic_secret: { secret: { inline_string: `Bearer ${token}` } },
})

const file = (filename: string): WireObject => ({ filename })

/** Of several control planes each may show any of their names: their certificates may be one for all. */
const tlsTo = (xds: BootstrapOptions['xds'], { ca, client }: XdsTls): WireObject => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: any('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
    common_tls_context: {
      alpn_protocols: ['h2'],
      ...(client === null
        ? {}
        : { tls_certificates: [{ certificate_chain: file(client.certificate), private_key: file(client.key) }] }),
      validation_context: {
        trusted_ca: file(ca),
        match_typed_subject_alt_names: [...new Set(xds.map(({ address }) => address))].map((address) => ({
          san_type: isIP(address) === 0 ? 'DNS' : 'IP_ADDRESS',
          matcher: { exact: address },
        })),
      },
    },
  }),
})

/** The configuration an Envoy starts with, to be written as JSON (mode 0600, it holds the token) for `envoy -c`. */
export const buildBootstrap = ({ nodeId, xds, admin, token, tls = null }: BootstrapOptions): WireObject => ({
  node: { id: nodeId, cluster: 'fado' },
  admin: { address: socketAddress(admin.address, admin.port) },
  dynamic_resources: {
    ads_config: {
      api_type: 'DELTA_GRPC',
      transport_api_version: 'V3',
      set_node_on_first_message_only: true,
      grpc_services: [
        {
          envoy_grpc: {
            cluster_name: controlPlaneCluster,
            // A control plane that restarts is found again within a second; the default backs off to 30 s.
            retry_policy: { retry_back_off: { base_interval: '0.1s', max_interval: '1s' } },
          },
        },
      ],
    },
    cds_config: adsSource,
    lds_config: adsSource,
  },
  bootstrap_extensions: [sharedAddressExtension],
  static_resources: {
    listeners: [sharedAddressListener],
    ...(token === null ? {} : { secrets: [secretOf(token)] }),
    clusters: [
      {
        name: controlPlaneCluster,
        type: 'STRICT_DNS',
        connect_timeout: '1s',
        ...(tls === null ? {} : { transport_socket: tlsTo(xds, tls) }),
        typed_extension_protocol_options: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any(
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
            {
              explicit_http_config: {
                // Finds out within seconds that a control plane is silent, and asks another one.
                http2_protocol_options: { connection_keepalive: { interval: '2s', timeout: '2s' } },
              },
              http_filters: [...(token === null ? [] : [injectToken]), filter('upstream_codec.v3.UpstreamCodec', {})],
            },
          ),
        },
        load_assignment: {
          cluster_name: controlPlaneCluster,
          endpoints: [
            { lb_endpoints: xds.map(({ address, port }) => ({ endpoint: { address: socketAddress(address, port) } })) },
          ],
        },
      },
      sharedAddressCluster,
    ],
  },
  // Up to 1.38 Envoy refuses a regular expression of more than 100 instructions; ours are fixed, or of a few names.
  layered_runtime: {
    layers: [
      { name: 'fado', static_layer: { 're2.max_program_size.error_level': 10_000 } },
      // A starting Envoy waits for its answer before it asks for anything else; a control plane that does not know it gives none.
      {
        name: runtimeLayer,
        rtds_layer: { name: runtimeLayer, rtds_config: { ...adsSource, initial_fetch_timeout: '1s' } },
      },
    ],
  },
  overload_manager: {
    resource_monitors: [
      {
        name: 'envoy.resource_monitors.global_downstream_max_connections',
        typed_config: any('envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig', {
          max_active_downstream_connections: 50_000,
        }),
      },
    ],
  },
})

/**
 * Envoy's arguments for a bootstrap file. Connections that were open when the listener changed (a new match header) are
 * closed, each after an answer, within the drain time; Envoy's own default is ten minutes.
 */
export const envoyArguments = (configFile: string): string[] => [
  ...['-c', configFile],
  ...['--drain-time-s', '5'],
  '--use-dynamic-base-id',
]
