import { tellOfCalls } from './access-log.ts'
import { refuseSeveral, takeOffMisleading } from './caller-headers.ts'
import { noteCertificates, tlsSocket } from './callers/certificates.ts'
import { type Guard, noteTokens } from './callers/tokens.ts'
import { corsFilters } from './cors.ts'
import { askForFunction } from './function-labels.ts'
import { localReplies } from './local-replies.ts'
import { ingressListener, tlsListener, warmingListener } from './names.ts'
import { adsSource, duration, extension, socketAddress, type WireObject } from './wire.ts'

/** For all headers of a request, from the first byte; Envoy's default is no limit. */
const headersMs = 30_000
/** HTTP/1.0 asks for no Host header; functions get this one. */
const hostForHttp10 = 'fado'

/** What holds for all calls, whatever their bucket, and may change while Envoys are connected. */
export type ForAllCalls = CallNeeds & {
  /** Name of the request header that names the bucket. */
  readonly matchHeader: string
  /** Origins whose scripts may call; empty: none. */
  readonly corsOrigins: readonly string[]
  readonly guard: Guard
  /** Who signs the client certificates of callers, in PEM; undefined: none is known by one. */
  readonly authority: string | undefined
}

/** What listeners are made from. */
export type ListenerInputs = ForAllCalls & {
  /** Whether Envoys tell of the calls that they took. It never changes. */
  readonly told: boolean
}

/** What some deployment asks of all calls. */
export type CallNeeds = {
  /** A call's body may be held whole, to be handed over in another form. */
  readonly wholeBodies: boolean
  /** A call goes only where its function is. */
  readonly byFunction: boolean
}

export type Ingress = {
  readonly address: string
  readonly port: number
  /** Where it speaks TLS, beside; absent or null: nowhere. */
  readonly tls?: { readonly port: number } | null
}

const router = extension('envoy.filters.http.router', 'envoy.extensions.filters.http.router.v3.Router', {
  // Calls and answers pass as they are; Envoy's own headers about them do not help a function.
  suppress_envoy_headers: true,
})

/** Of what is sent to AWS Lambda: it takes 6 MB of JSON, in which other bodies are base64. */
const wholeBodyBytes = 6_000_000

/** Of a bucket or a deployment nothing is in a listener: only what holds for all calls changes it. */
const filters = (inputs: ListenerInputs): WireObject => {
  const { matchHeader, corsOrigins, byFunction, guard, authority, told } = inputs
  return extension(
    'envoy.filters.network.http_connection_manager',
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    {
      stat_prefix: 'ingress',
      ...(told ? { access_log: tellOfCalls(matchHeader) } : {}),
      scoped_routes: {
        name: 'buckets',
        scope_key_builder: { fragments: [{ header_value_extractor: { name: matchHeader, index: 0 } }] },
        rds_config_source: adsSource,
        scoped_rds: { scoped_rds_config_source: adsSource },
      },
      early_header_mutation_extensions: [takeOffMisleading(matchHeader)],
      http_filters: [
        ...corsFilters(corsOrigins),
        refuseSeveral(matchHeader),
        ...noteCertificates(authority),
        ...noteTokens(guard),
        ...(byFunction ? askForFunction : []),
        router,
      ],
      local_reply_config: localReplies(inputs),
      // nginx speaks HTTP/1.0 to what it stands before, unless told otherwise.
      http_protocol_options: { accept_http_10: true, default_host_for_http_10: hostForHttp10, enable_trailers: true },
      // Other upgrades are refused (403), but for h2c, which Envoy leaves out.
      upgrade_configs: [{ upgrade_type: 'websocket' }],
      // A client that never ends its request's head would hold its connection for ever.
      request_headers_timeout: duration(headersMs),
      // How long a call may take, stalled or not, is the bucket's policy, in its table.
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
}

/** Where nobody shows a certificate, none is asked for. */
const withoutTls = (inputs: ListenerInputs): ListenerInputs => ({ ...inputs, authority: undefined })

/** Both listeners that take calls differ in nothing else. */
const ingressOf = (name: string, address: WireObject, inputs: ListenerInputs, socket: WireObject): WireObject => ({
  name,
  address,
  ...(inputs.wholeBodies ? { per_connection_buffer_limit_bytes: { value: wholeBodyBytes } } : {}),
  filter_chains: [{ filters: [filters(inputs)], ...socket }],
})

export const buildIngressListener = ({ address, port }: Ingress, inputs: ListenerInputs): WireObject =>
  ingressOf(ingressListener, socketAddress(address, port), withoutTls(inputs), {})

export const buildTlsListener = (address: string, port: number, inputs: ListenerInputs): WireObject =>
  ingressOf(tlsListener, socketAddress(address, port), inputs, { transport_socket: tlsSocket(inputs.authority) })

/** It takes no calls, hence no port; all listeners share one subscription of scopes and tables. */
export const buildWarmingListener = (inputs: ListenerInputs): WireObject => ({
  name: warmingListener,
  address: socketAddress('127.0.0.1', 1),
  bind_to_port: { value: false },
  filter_chains: [{ filters: [filters(withoutTls(inputs))] }],
})
