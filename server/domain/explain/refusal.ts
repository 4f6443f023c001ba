// What Envoy answers by itself before it looks for a route, or because it finds none. Its own rules for that are in proxy/resources
// (listener.ts, caller-headers.ts, cors.ts, local-replies.ts); a test compares the two call by call.
import { setToTakeGrpc } from '../fleet/call-kind.ts'
import type { Reason, ReasonCode } from '../reason.ts'
import { type Call, headerOf } from './call.ts'

export type Refusal = { readonly status: number; readonly reason: Reason }

export const refusal = (status: number, code: ReasonCode, message: string): Refusal => ({
  status,
  reason: { code, message },
})

/** What holds for all callers. */
export type IngressRules = {
  /** Name of the request header that names the bucket. */
  readonly matchHeader: string
  readonly corsOrigins: readonly string[]
}

/** Before anything else is asked. undefined: it is not refused for this. */
export const refusePath = ({ path }: Call): Refusal | undefined =>
  path.includes('#') ? refusal(400, 'PATH_REFUSED', 'A path on its way to a server has no fragment (#)') : undefined

/**
 * Of a call that has a route, whatever it says; of any, where a bucket that is not there is not told from others. undefined: it is
 * not refused for this.
 */
export function refuseUpgrade(call: Call): Refusal | undefined {
  const upgrade = upgradeOf(call)
  if (upgrade === undefined || upgrade.toLowerCase() === 'websocket') return undefined
  return refusal(403, 'UPGRADE_REFUSED', `Upgrades to ${upgrade} are not served: WebSockets and plain HTTP are`)
}

/** With a route or without one. undefined: it names one bucket at most. */
export function refuseNames(call: Call, { matchHeader }: IngressRules): Refusal | undefined {
  const bucket = headerOf(call, matchHeader)
  if (!bucket?.includes(',')) return undefined
  return refusal(400, 'BUCKET_AMBIGUOUS', `The header ${matchHeader} must name one bucket, once`)
}

/** The protocol that it asks for; undefined: none, or one that Envoy passes over. */
export function upgradeOf(call: Call): string | undefined {
  const asks = headerOf(call, 'connection')
    ?.split(',')
    .some((token) => token.trim().toLowerCase() === 'upgrade')
  const upgrade = asks ? headerOf(call, 'upgrade') : undefined
  return upgrade === undefined || upgrade.toLowerCase() === 'h2c' ? undefined : upgrade
}

const isConnect = ({ method }: Call) => method === 'CONNECT'

export const unknownBucket = (matchHeader: string): Refusal =>
  refusal(404, 'UNKNOWN_BUCKET', `No bucket has the name in the header ${matchHeader}; names are matched exactly`)

/** Of one method no call has a route. undefined: it is not of that. */
export const refuseMethod = (call: Call): Refusal | undefined =>
  isConnect(call) ? refusal(405, 'CONNECT_REFUSED', 'The ingress opens no tunnels (CONNECT)') : undefined

/** Of a call that names no bucket. */
export function refuseNameless(call: Call, { matchHeader, corsOrigins }: IngressRules): Refusal {
  if (isPreflight(call)) return answerPreflight(headerOf(call, 'origin') ?? '', corsOrigins)
  const missing = `The header ${matchHeader} must name the bucket that the call works on`
  return refuseMethod(call) ?? refusal(400, 'BUCKET_NOT_NAMED', missing)
}

const isPreflight = (call: Call): boolean =>
  call.method === 'OPTIONS' &&
  headerOf(call, 'origin') !== undefined &&
  headerOf(call, 'access-control-request-method') !== undefined

const answerPreflight = (origin: string, allowed: readonly string[]): Refusal =>
  allowed.includes('*') || allowed.includes(origin)
    ? refusal(200, 'ORIGIN_ALLOWED', `A preflight of ${origin}, whose scripts may call: Envoy answers it itself`)
    : refusal(403, 'ORIGIN_REFUSED', `The policy cors_origins does not name ${origin}, so its scripts may not call`)

export const notAFunction: Refusal = refusal(
  404,
  'NOT_A_FUNCTION',
  'Calls go to /function/<name>, with any path and query after it, but none with a segment . or ..',
)
export const nobodyServes: Refusal = refusal(
  503,
  'NOBODY_SERVES',
  'No healthy function deployment that takes the call is where this bucket has a complete, fresh copy',
)
export const nobodyTakesGrpc: Refusal = refusal(
  503,
  'NOBODY_TAKES_GRPC',
  `No function deployment of the clusters that serve this bucket takes calls of gRPC. ${setToTakeGrpc}`,
)
export const nobodyHasSuchNames: Refusal = refusal(
  404,
  'NAME_IMPOSSIBLE',
  'Every platform that calls of this bucket go to refuses the name of the function',
)
