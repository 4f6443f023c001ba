// HTTP as Envoy speaks it to deployments, and what runs on every try there.
import type { CallKind } from '../../server/domain/fleet/call-kind.ts'
import type { Feature } from './features/feature.ts'
import type { Target } from './target.ts'
import { any, duration, extension, type WireObject } from './wire.ts'

const codec = extension(
  'envoy.filters.http.upstream_codec',
  'envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec',
)

/**
 * Function servers close connections that are idle: Node after 5 s, gunicorn after 2 s, none that we know earlier. A call
 * sent in that very moment is lost, and may not be sent again, for nobody knows whether it was taken. So Envoy closes first.
 */
const idleMs = 1000

/**
 * A call of gRPC has a connection of its own, too. So the limit on calls is one on connections for both kinds, and a server that
 * falls silent holds up no call that comes later: it finds no connection there, and goes to another one.
 */
const protocols: Readonly<Record<CallKind, WireObject>> = {
  plain: { http_protocol_options: { enable_trailers: true } },
  grpc: { http2_protocol_options: { max_concurrent_streams: { value: 1 } } },
}

export function upstreamHttp(kind: CallKind, features: readonly Feature[], all: readonly Target[]): WireObject {
  const filters = features.flatMap((feature) => feature.filters?.(all) ?? [])
  return {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any(
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
      {
        common_http_protocol_options: { idle_timeout: duration(idleMs) },
        explicit_http_config: protocols[kind],
        ...(filters.length > 0 ? { http_filters: [...filters, codec] } : {}),
      },
    ),
  }
}
