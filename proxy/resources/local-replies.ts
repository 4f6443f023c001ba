// The answers that Envoy gives by itself, as application/problem+json. What a function answers is untouched.
import { details, flagsOf } from '../../server/domain/calls/whose-error.ts'
import { all, flags, header, holds, isMissing, isThere, status } from './answer-filters.ts'
import { namesSeveral } from './caller-headers.ts'
import { isProven } from './callers/guard.ts'
import type { Guard } from './callers/tokens.ts'
import { fromAllowed, isPreflight, preflightHeaders } from './cors.ts'
import * as problems from './problems.ts'
import { setHeader, struct, type WireObject } from './wire.ts'

/** There is no route for it. */
const noRoute = flags('NR')
/** Something was tried before the hosts ran out, and only what may be tried again is (function-routes.ts). */
const retried = holds('upstream.request_attempt_count > 1u')
/** The route's max_stream_duration is over; Envoy's own status is 408 while the request lasts, else 504. */
const tookTooLong = holds(`response.code_details == "${details.late}"`)
/** Envoy's own status is 507. What had been tried may be tried again (function-routes.ts). */
const outgrown = holds(`response.code_details == "${details.outgrown}"`)
/** Of a path with a #: nothing else of a path is normalized (listener.ts). */
const pathRefused = holds('response.code_details == "path_normalization_failed"')
/** It asked for another protocol than those of the listener's `upgrade_configs`. */
const upgradeRefused = holds('response.code_details == "upgrade_failed"')
/** A function answered an offer of a WebSocket as any call. Envoy passes its status, below 400, and its headers, and drops its body. */
const openedNone = holds('response.code_details == "websocket_handshake_unsuccessful"')
/** Envoy refuses it of a call that has a route; others are refused the same, for who may not know which buckets there are. */
const upgradeUnserved = all(
  header('upgrade', isThere),
  header('upgrade', { string_match: { exact: 'websocket', ignore_case: true }, invert_match: true }),
)
/** As `isGrpc` knows it, and Envoy, which asks this of its own answers alone. */
const ofGrpc = all(
  header('content-type', { string_match: { safe_regex: { regex: 'application/grpc([+].*)?' } } }),
  header('upgrade', isMissing),
)
const isConnect = header(':method', { string_match: { exact: 'CONNECT' } })

const body = (fields: { readonly [key: string]: string | number }): WireObject => ({
  // A JSON format escapes what the client sent; a text format would not.
  json_format: struct(fields),
  content_type: 'application/problem+json',
})

/** Answers what `filter` holds for with the problem. */
function mapper(filter: WireObject, problem: problems.Problem, matchHeader: string): WireObject {
  const { type, status, title, detail, retryAfter, bucket = true } = problem
  return {
    filter,
    status_code: { value: status },
    headers_to_add: [
      ...(retryAfter === undefined ? [] : [setHeader('retry-after', String(retryAfter))]),
      ...(status === 401 ? [setHeader('www-authenticate', 'Bearer')] : []),
    ],
    body_format_override: body({
      ...{ type: `urn:fado:problem:${type}`, title, status, detail },
      ...(bucket ? { bucket: `%REQ(${matchHeader})%` } : {}),
    }),
  }
}

export type AnswerInputs = {
  /** The request header that names the bucket. */
  readonly matchHeader: string
  /** Whose preflights are answered. */
  readonly corsOrigins: readonly string[]
  /** Whether a bucket that is not there answers as one that is guarded. */
  readonly guard: Guard
  /** Whose client certificates prove who calls; undefined: nobody's. */
  readonly authority: string | undefined
}

function allowedPreflight({ matchHeader, corsOrigins }: AnswerInputs): WireObject[] {
  if (corsOrigins.length === 0) return []
  const filter = all(noRoute, header(matchHeader, isMissing), ...isPreflight, fromAllowed(corsOrigins))
  return [
    {
      filter,
      status_code: { value: 200 },
      headers_to_add: [...preflightHeaders],
      body_format_override: { text_format_source: { inline_string: '\n' }, content_type: 'text/plain' },
    },
  ]
}

export function localReplies(inputs: AnswerInputs): WireObject {
  const { matchHeader, guard, authority } = inputs
  const on = (filter: WireObject, problem: problems.Problem) => mapper(filter, problem, matchHeader)
  const hides = guard === 'hides-buckets'
  const nameless = header(matchHeader, isMissing)
  const unproven = problems.unprovenCaller(authority !== undefined)
  const notThere = hides
    ? [...isProven(authority).map((proof) => on(all(noRoute, proof), problems.refusedCaller)), on(noRoute, unproven)]
    : [on(noRoute, problems.unknownBucket(matchHeader))]
  return {
    // The first that matches is taken.
    mappers: [
      on(pathRefused, problems.pathRefused),
      on(hides ? upgradeUnserved : upgradeRefused, problems.upgradeRefused),
      { filter: openedNone, body_format_override: body({ ...problems.openedNone, status: '%RESPONSE_CODE%' }) },
      on(holds(namesSeveral), problems.ambiguousBucket(matchHeader)),
      ...allowedPreflight(inputs),
      on(all(noRoute, nameless, ...isPreflight), problems.corsRefused),
      on(all(noRoute, isConnect), problems.connectRefused),
      on(all(noRoute, nameless), problems.missingBucket(matchHeader)),
      ...notThere,
      ...(guard === 'none' ? [] : [on(status('EQ', 401), unproven), on(status('EQ', 403), problems.refusedCaller)]),
      on(all(flags(...flagsOf.nobody), retried), problems.unreachable),
      on(all(flags(...flagsOf.nobody), ofGrpc), problems.noGrpcUpstream),
      on(flags(...flagsOf.nobody), problems.noUpstream),
      on(flags(...flagsOf.overloaded), problems.overloaded),
      on(tookTooLong, problems.tookTooLong),
      on(outgrown, problems.unreachable),
      on(flags(...flagsOf.unconnected), problems.unreachable),
      on(flags(...flagsOf.unreachable), problems.cutOff),
      on(status('EQ', 431), problems.headersTooLarge),
      on(status('EQ', 404), problems.noFunction),
    ],
    body_format: body({
      type: 'about:blank',
      title: 'The ingress refused the call',
      status: '%RESPONSE_CODE%',
      detail: '%LOCAL_REPLY_BODY%',
    }),
  }
}
