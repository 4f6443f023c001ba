import { localReplies } from './local-replies.ts'
import { INGRESS_LISTENER, WARMING_LISTENER } from './names.ts'
import { adsSource, duration, extension, socketAddress, type WireObject } from './wire.ts'

/** For all headers of a request, from the first byte; Envoy's default is no limit. */
const HEADERS_MS = 30_000

export type Ingress = { readonly address: string; readonly port: number }

const router = extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {
  // Calls and answers pass as they are; Envoy's own headers about them do not help a function.
  suppress_envoy_headers: true,
})

/** Neither buckets nor deployments ever change a listener; only the name of the match header does. */
const filters = (matchHeader: string): WireObject =>
  extension(
    'envoy.filters.network.http_connection_manager',
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    {
      stat_prefix: 'ingress',
      scoped_routes: {
        name: 'buckets',
        scope_key_builder: { fragments: [{ header_value_extractor: { name: matchHeader, index: 0 } }] },
        rds_config_source: adsSource,
        scoped_rds: { scoped_rds_config_source: adsSource },
      },
      http_filters: [router],
      local_reply_config: localReplies(matchHeader),
      upgrade_configs: [{ upgrade_type: 'websocket' }],
      // A client that never ends its request's head would hold its connection for ever.
      request_headers_timeout: duration(HEADERS_MS),
      // How long a call may take is the bucket's policy, in its table.
      stream_idle_timeout: duration(0),
      // Paths pass unchanged; route tables refuse those that would lead out of a function.
      normalize_path: { value: false },
      path_with_escaped_slashes_action: 'KEEP_UNCHANGED',
      // Envoy's own request headers, which change time limits and retries, are not taken from clients.
      use_remote_address: { value: true },
      generate_request_id: { value: false },
      server_header_transformation: 'PASS_THROUGH',
    },
  )

export const buildIngressListener = (ingress: Ingress, matchHeader: string): WireObject => ({
  name: INGRESS_LISTENER,
  address: socketAddress(ingress.address, ingress.port),
  filter_chains: [{ filters: [filters(matchHeader)] }],
})

/** It takes no calls, hence no port; both listeners share one subscription of scopes and tables. */
export const buildWarmingListener = (matchHeader: string): WireObject => ({
  name: WARMING_LISTENER,
  address: socketAddress('127.0.0.1', 1),
  bind_to_port: { value: false },
  filter_chains: [{ filters: [filters(matchHeader)] }],
})
