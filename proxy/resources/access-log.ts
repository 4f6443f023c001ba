// What Envoy tells of each call, once it has ended: a few words, to a control plane of its bootstrap. What it cannot get rid of it
// forgets: no call waits for that.
import { typeUrl } from '../type-urls.ts'
import { controlPlaneCluster } from './names.ts'
import { type StructValue, typedStruct, type WireObject } from './wire.ts'

/** Envoy keeps what it has to tell for so long, or until it is so much, on each of its threads. */
const [flushMs, bufferBytes] = [1000, 128 * 1024]
/** Of a control plane that is silent. */
const answerMs = 2000

/** Longer than any name that FaDO has: what is cut off is nobody's. */
const [longestBucket, longestPath] = [64, 200]

/** Where the function stands on an Envoy that sets paths anew (lua/rewrite.lua). */
const notedFunction = 'fado:function'

/**
 * Each on a line of its own, for no header and no path has a line feed; what Envoy lacks is `-`. A query may hold secrets, so it
 * stays in Envoy, and so do all headers but the one that names the bucket. Who reads it: call-log/read-line.ts.
 */
const fields = (matchHeader: string) => [
  '%UPSTREAM_HOST%',
  '%RESPONSE_CODE%',
  '%RESPONSE_FLAGS%',
  '%RESPONSE_CODE_DETAILS%',
  '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
  '%DURATION%',
  `%REQ(${matchHeader}):${longestBucket}%`,
  `%DYNAMIC_METADATA(${notedFunction}):${longestPath}%`,
  `%REQ_WITHOUT_QUERY(:path):${longestPath}%`,
]

const withoutQuery: StructValue = {
  name: 'envoy.formatter.req_without_query',
  typed_config: { '@type': typeUrl('envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery') },
}

/** OpenTelemetry's logs, for of all that Envoy can send they say the least beside what is asked for (ExportLogsServiceRequest). */
export const tellOfCalls = (matchHeader: string): WireObject => ({
  name: 'envoy.access_loggers.open_telemetry',
  typed_config: typedStruct('envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig', {
    common_config: {
      log_name: 'calls',
      transport_api_version: 'V3',
      grpc_service: { envoy_grpc: { cluster_name: controlPlaneCluster }, timeout: `${answerMs / 1000}s` },
      buffer_flush_interval: `${flushMs / 1000}s`,
      buffer_size_bytes: bufferBytes,
    },
    disable_builtin_labels: true,
    body: { string_value: fields(matchHeader).join('\n') },
    formatters: [withoutQuery],
  }),
})
