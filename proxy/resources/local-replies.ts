// The answers that Envoy gives by itself, as application/problem+json (RFC 9457). What a function answers is untouched.
import { details, flagsOf } from '../../server/domain/calls/whose-error.ts'
import { namesSeveral } from './caller-headers.ts'
import { isProven } from './callers/guard.ts'
import type { Guard } from './callers/tokens.ts'
import { fromAllowed, isPreflight, preflightHeaders } from './cors.ts'
import { any, setHeader, struct, type WireObject } from './wire.ts'

type Problem = {
  type: string
  status: number
  title: string
  detail: string
  /** Seconds. */
  retryAfter?: number
  /** Whether it repeats the bucket's name; default true. */
  bucket?: boolean
}

const flags = (...names: readonly string[]): WireObject => ({ response_flag_filter: { flags: [...names] } })
const all = (...filters: WireObject[]): WireObject => ({ and_filter: { filters } })
const status = (code: number): WireObject => ({
  status_code_filter: { comparison: { op: 'EQ', value: { default_value: code, runtime_key: 'fado.unused' } } },
})
const holds = (expression: string): WireObject => ({
  extension_filter: {
    name: 'envoy.access_loggers.extension_filters.cel',
    typed_config: any('envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter', { expression }),
  },
})
/** Something was tried before the hosts ran out, and only what may be tried again is (function-routes.ts). */
const retried = holds('upstream.request_attempt_count > 1u')
/** The route's max_stream_duration is over; Envoy's own status is 408 while the request lasts, else 504. */
const tookTooLong = holds(`response.code_details == "${details.late}"`)
/** It asked for another protocol than those of the listener's `upgrade_configs`. */
const upgradeRefused = holds('response.code_details == "upgrade_failed"')
/** Envoy refuses it of a call that has a route; others are refused the same, for who may not know which buckets there are. */
const upgradeUnserved = all(
  { header_filter: { header: { name: 'upgrade', present_match: true } } },
  {
    header_filter: {
      header: { name: 'upgrade', string_match: { exact: 'websocket', ignore_case: true }, invert_match: true },
    },
  },
)
const isConnect: WireObject = { header_filter: { header: { name: ':method', string_match: { exact: 'CONNECT' } } } }
const headerMissing = (header: string): WireObject => ({
  header_filter: { header: { name: header, present_match: true, invert_match: true } },
})

const body = (fields: { readonly [key: string]: string | number }): WireObject => ({
  // A JSON format escapes what the client sent; a text format would not.
  json_format: struct(fields),
  content_type: 'application/problem+json',
})

/**
 * `matchHeader`: the request header that names the bucket. `corsOrigins`: whose preflights are answered. `guard`: whether a bucket
 * that is not there answers as one that is guarded. `authority`: whose client certificates prove who calls; undefined: nobody's.
 */
export function localReplies(
  matchHeader: string,
  corsOrigins: readonly string[],
  guard: Guard,
  authority: string | undefined,
): WireObject {
  const mapper = (filter: WireObject, problem: Problem): WireObject => ({
    filter,
    status_code: { value: problem.status },
    headers_to_add: [
      ...(problem.retryAfter === undefined ? [] : [setHeader('retry-after', String(problem.retryAfter))]),
      ...(problem.status === 401 ? [setHeader('www-authenticate', 'Bearer')] : []),
    ],
    body_format_override: body({
      type: `urn:fado:problem:${problem.type}`,
      title: problem.title,
      status: problem.status,
      detail: problem.detail,
      ...(problem.bucket === false ? {} : { bucket: `%REQ(${matchHeader})%` }),
    }),
  })
  const unreachable: Problem = {
    type: 'unreachable',
    status: 502,
    title: 'Function deployment not reachable',
    detail: 'Nobody has taken the call, unless it is one that does no harm twice. Call again.',
    retryAfter: 1,
  }
  // What may have been done is not to be done again by a client that goes by retry-after.
  const cutOff: Problem = {
    type: 'cut-off',
    status: 502,
    title: 'Function deployment did not answer to the end',
    detail: 'It may have taken the call: call again only if that does no harm.',
  }
  const unknown: Problem = {
    type: 'unknown-bucket',
    status: 404,
    title: 'Unknown bucket',
    detail: `No bucket has the name in the request header ${matchHeader}. Names are matched exactly.`,
  }
  // Neither says whether there is such a bucket.
  const unproven: Problem = {
    type: 'unproven-caller',
    status: 401,
    title: 'Who calls?',
    detail: `The call needs one token or key that is valid, in the request header Authorization: Bearer <token>${authority === undefined ? '' : ', or a client certificate'}.`,
  }
  const refused: Problem = {
    type: 'refused-caller',
    status: 403,
    title: 'Not for this caller',
    detail: 'There is no such bucket, or its policy callers does not name who calls.',
  }
  const notThere =
    guard === 'hides-buckets'
      ? [...isProven(authority).map((proof) => mapper(all(flags('NR'), proof), refused)), mapper(flags('NR'), unproven)]
      : [mapper(flags('NR'), unknown)]
  return {
    // The first that matches is taken.
    mappers: [
      mapper(guard === 'hides-buckets' ? upgradeUnserved : upgradeRefused, {
        type: 'upgrade-refused',
        status: 403,
        title: 'Upgrades other than WebSocket are not served',
        detail: 'The call asks for another protocol (header Upgrade). WebSockets and plain HTTP are served.',
        bucket: false,
      }),
      mapper(holds(namesSeveral), {
        type: 'ambiguous-bucket',
        status: 400,
        title: 'More than one bucket named',
        detail: `The request header ${matchHeader} must name one bucket, once.`,
        bucket: false,
      }),
      ...(corsOrigins.length === 0
        ? []
        : [
            {
              filter: all(flags('NR'), headerMissing(matchHeader), ...isPreflight, fromAllowed(corsOrigins)),
              status_code: { value: 200 },
              headers_to_add: [...preflightHeaders],
              body_format_override: { text_format_source: { inline_string: '\n' }, content_type: 'text/plain' },
            },
          ]),
      mapper(all(flags('NR'), headerMissing(matchHeader), ...isPreflight), {
        type: 'cors-refused',
        status: 403,
        title: 'Scripts of this origin may not call',
        detail: `The policy cors_origins does not name the origin that asks. An administrator adds it with: fado policy set cors_origins=<origin>,... --global`,
        bucket: false,
      }),
      mapper(all(flags('NR'), isConnect), {
        type: 'connect-refused',
        status: 405,
        title: 'No tunnels',
        detail: 'Functions are called; the ingress opens no tunnels (CONNECT).',
        bucket: false,
      }),
      mapper(all(flags('NR'), headerMissing(matchHeader)), {
        type: 'missing-bucket',
        status: 400,
        title: 'No bucket named',
        detail: `The request header ${matchHeader} must name the bucket that the call works on.`,
        bucket: false,
      }),
      ...notThere,
      ...(guard === 'none' ? [] : [mapper(status(401), unproven), mapper(status(403), refused)]),
      mapper(all(flags(...flagsOf.nobody), retried), unreachable),
      mapper(flags(...flagsOf.nobody), {
        type: 'no-upstream',
        status: 503,
        title: 'Nobody can serve this bucket now',
        detail: 'No healthy function deployment is where this bucket has a complete, fresh copy.',
        retryAfter: 5,
      }),
      mapper(flags(...flagsOf.overloaded), {
        type: 'overloaded',
        status: 503,
        title: 'Too many calls at once',
        detail: 'The ingress has more calls under way than it may. Try again.',
        retryAfter: 1,
      }),
      mapper(tookTooLong, {
        type: 'timeout',
        status: 504,
        title: 'The call took too long',
        detail: 'The call did not end within the time that the policy invocation_timeout allows, its request included.',
      }),
      mapper(flags(...flagsOf.unconnected), unreachable),
      mapper(flags(...flagsOf.unreachable), cutOff),
      // Envoy's limits, which are its defaults.
      mapper(status(431), {
        type: 'headers-too-large',
        status: 431,
        title: 'Too many or too large headers',
        detail: 'A call may have up to 100 headers, and 60 KiB of them.',
        bucket: false,
      }),
      mapper(status(404), {
        type: 'no-function',
        status: 404,
        title: 'Not a function',
        detail: 'Calls go to /function/<name>, with any path and query after it.',
      }),
    ],
    body_format: body({
      type: 'about:blank',
      title: 'The ingress refused the call',
      status: '%RESPONSE_CODE%',
      detail: '%LOCAL_REPLY_BODY%',
    }),
  }
}
