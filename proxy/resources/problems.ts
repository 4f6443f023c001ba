// What the answers say that Envoy gives by itself (RFC 9457). When it gives each: local-replies.ts.
import { setToTakeGrpc } from '../../server/domain/fleet/call-kind.ts'

export type Problem = {
  readonly type: string
  readonly status: number
  readonly title: string
  readonly detail: string
  /** Seconds. */
  readonly retryAfter?: number
  /** Whether it repeats the bucket's name; default true. */
  readonly bucket?: boolean
}

export const upgradeRefused: Problem = {
  type: 'upgrade-refused',
  status: 403,
  title: 'Upgrades other than WebSocket are not served',
  detail: 'The call asks for another protocol (header Upgrade). WebSockets and plain HTTP are served.',
  bucket: false,
}

export const pathRefused: Problem = {
  type: 'path-refused',
  status: 400,
  title: 'A path with a fragment',
  detail:
    'The path of the call has a #, which no path has on its way to a server: as a part of a name it is percent-encoded.',
  bucket: false,
}

export const ambiguousBucket = (matchHeader: string): Problem => ({
  type: 'ambiguous-bucket',
  status: 400,
  title: 'More than one bucket named',
  detail: `The request header ${matchHeader} must name one bucket, once.`,
  bucket: false,
})

export const corsRefused: Problem = {
  type: 'cors-refused',
  status: 403,
  title: 'Scripts of this origin may not call',
  detail:
    'The policy cors_origins does not name the origin that asks. An administrator adds it with: fado policy set cors_origins=<origin>,... --global',
  bucket: false,
}

export const connectRefused: Problem = {
  type: 'connect-refused',
  status: 405,
  title: 'No tunnels',
  detail: 'Functions are called; the ingress opens no tunnels (CONNECT).',
  bucket: false,
}

export const missingBucket = (matchHeader: string): Problem => ({
  type: 'missing-bucket',
  status: 400,
  title: 'No bucket named',
  detail: `The request header ${matchHeader} must name the bucket that the call works on.`,
  bucket: false,
})

export const unknownBucket = (matchHeader: string): Problem => ({
  type: 'unknown-bucket',
  status: 404,
  title: 'Unknown bucket',
  detail: `No bucket has the name in the request header ${matchHeader}. Names are matched exactly.`,
})

/** Neither this nor the next says whether there is such a bucket. `byCertificate`: some caller is known by one. */
export const unprovenCaller = (byCertificate: boolean): Problem => ({
  type: 'unproven-caller',
  status: 401,
  title: 'Who calls?',
  detail: `The call needs one token or key that is valid, in the request header Authorization: Bearer <token>${byCertificate ? ', or a client certificate' : ''}.`,
})

export const refusedCaller: Problem = {
  type: 'refused-caller',
  status: 403,
  title: 'Not for this caller',
  detail: 'There is no such bucket, or its policy callers does not name who calls.',
}

export const unreachable: Problem = {
  type: 'unreachable',
  status: 502,
  title: 'Function deployment not reachable',
  detail: 'Nobody has taken the call, unless it is one that does no harm twice. Call again.',
  retryAfter: 1,
}

/** What may have been done is not to be done again by a client that goes by retry-after. */
export const cutOff: Problem = {
  type: 'cut-off',
  status: 502,
  title: 'Function deployment did not answer to the end',
  detail: 'It may have taken the call: call again only if that does no harm.',
}

export const noUpstream: Problem = {
  type: 'no-upstream',
  status: 503,
  title: 'Nobody can serve this bucket now',
  detail: 'No healthy function deployment that takes the call is where this bucket has a complete, fresh copy.',
  retryAfter: 5,
}

/** Envoy does not know whether none takes it at all, or none that does is well. */
export const noGrpcUpstream: Problem = {
  type: 'no-grpc-upstream',
  status: 503,
  title: 'Nobody can serve calls of gRPC of this bucket now',
  detail: `No healthy function deployment that takes gRPC is where this bucket has a complete, fresh copy. ${setToTakeGrpc}.`,
  retryAfter: 5,
}

export const overloaded: Problem = {
  type: 'overloaded',
  status: 503,
  title: 'Too many calls at once',
  detail: 'The ingress has more calls under way than it may. Try again.',
  retryAfter: 1,
}

export const tookTooLong: Problem = {
  type: 'timeout',
  status: 504,
  title: 'The call took too long',
  detail:
    'The call did not end within the time that the policy invocation_timeout allows, its request included, or by its own deadline.',
}

/** Envoy's limits, which are its defaults. */
export const headersTooLarge: Problem = {
  type: 'headers-too-large',
  status: 431,
  title: 'Too many or too large headers',
  detail: 'A call may have up to 100 headers, and 60 KiB of them.',
  bucket: false,
}

export const noFunction: Problem = {
  type: 'no-function',
  status: 404,
  title: 'Not a function',
  detail: 'Calls go to /function/<name>, with any path and query after it.',
}

/** Its status is that of the function. */
export const openedNone = {
  type: 'urn:fado:problem:no-websocket',
  title: 'The function opened no WebSocket',
  detail: 'It answered as if none was offered. Its status and headers are here, its body is not: call without Upgrade.',
}
