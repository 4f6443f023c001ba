// What Envoy tells of each call, once it has ended: a few words, to a control plane of its bootstrap. What it cannot get rid of it
// forgets: no call waits for that.
import { sampledOneIn } from '../../server/domain/calls/telling.ts'
import { firstFailure, type Line, writeLine } from '../call-log/line.ts'
import { typeUrl } from '../type-urls.ts'
import { flags, some, status } from './answer-filters.ts'
import { controlPlaneCluster } from './names.ts'
import { allCalls, letThrough, sampledCalls } from './runtime.ts'
import { typedStruct, type WireObject } from './wire.ts'

/** Envoy keeps what it has to tell for so long, or until it is so much, on each of its threads. */
const [flushMs, bufferBytes] = [1000, 128 * 1024]
/** Of a control plane that is silent. */
const answerMs = 2000

/** Longer than any name that FaDO has: what is cut off is nobody's. */
const [longestBucket, longestPath] = [64, 200]

/** Where the function stands, cut as the path is, on an Envoy that sets paths anew (lua/rewrite.lua). */
const notedFunction = 'fado:function'
/** That the platform refused FaDO itself (lua/event/answer.lua). */
const notedRefusal = 'fado.event:refused'

/** A query may hold secrets, so it stays in Envoy, and so do all headers but the one that names the bucket. */
const line = (matchHeader: string, weight: number): Line => ({
  weight: String(weight),
  host: '%UPSTREAM_HOST%',
  status: '%RESPONSE_CODE%',
  flags: '%RESPONSE_FLAGS%',
  details: '%RESPONSE_CODE_DETAILS%',
  tries: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
  ms: '%DURATION%',
  bucket: `%REQ(${matchHeader}):${longestBucket}%`,
  noted: `%DYNAMIC_METADATA(${notedFunction})%`,
  refusal: `%DYNAMIC_METADATA(${notedRefusal})%`,
  path: `%REQ_WITHOUT_QUERY(:path):${longestPath}%`,
})

const withoutQuery: WireObject = {
  name: 'envoy.formatter.req_without_query',
  typed_config: { '@type': typeUrl('envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery') },
}

/** OpenTelemetry's logs, for of all that Envoy can send they say the least beside what is asked for (ExportLogsServiceRequest). */
const log = (matchHeader: string, weight: number, filter: WireObject): WireObject => ({
  name: 'envoy.access_loggers.open_telemetry',
  filter,
  typed_config: typedStruct('envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig', {
    common_config: {
      log_name: 'calls',
      transport_api_version: 'V3',
      grpc_service: { envoy_grpc: { cluster_name: controlPlaneCluster }, timeout: `${answerMs / 1000}s` },
      buffer_flush_interval: `${flushMs / 1000}s`,
      buffer_size_bytes: bufferBytes,
    },
    // Once in each message, not in each line: among them the node's id.
    disable_builtin_labels: false,
    body: { string_value: writeLine(line(matchHeader, weight)) },
    formatters: [withoutQuery],
  }),
})

/** What an Envoy that tells of a sample tells of surely. By the same words: isSurelyTold in call-log/read-line.ts. */
const failed: readonly WireObject[] = [status('GE', firstFailure, 'fado.calls.failed'), flags()]

/**
 * A call is told by the first while Envoy tells of all, or when it failed; by the second as one of a sample. Both ask at the same
 * moment, on the same thread, so they agree on whether it is sampled. One that failed may be in both.
 */
export const tellOfCalls = (matchHeader: string): readonly WireObject[] => [
  log(matchHeader, 1, some(letThrough(allCalls), ...failed)),
  log(matchHeader, sampledOneIn, letThrough(sampledCalls)),
]
