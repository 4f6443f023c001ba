// Whose error it is that a call failed, by what Envoy says of it. The answers that Envoy gives by itself are in
// proxy/resources/local-replies.ts, by the same words.

/**
 * `key`: of what FaDO proves itself with to a platform. Two are no errors, and told apart: `caller`: FaDO refused the call, as it
 * should; `gone`: its caller gave it up.
 */
export const blamed = ['function', 'platform', 'key', 'fado', 'caller', 'gone'] as const
export type Whose = (typeof blamed)[number]

/** Envoy's response flags (https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage), by what they mean here. */
export const flagsOf = {
  /** There is no deployment that the call could go to. */
  nobody: ['UH', 'NC'],
  /** The last try met no connection, so a call that may not be made twice has reached nobody. */
  unconnected: ['UF'],
  /** A deployment could not be reached, or did not answer to the end. */
  unreachable: ['UF', 'URX', 'UC', 'UR', 'LR', 'UPE'],
  /** Envoy has more calls under way than it may. */
  overloaded: ['UO'],
  /** It took too long. */
  late: ['UT', 'UMSDR', 'SI'],
  /** The caller went away, or broke the protocol after its call had begun. */
  caller: ['DC', 'DR'],
} as const

/** Envoy's words for where an answer comes from, as far as they are told apart. */
export const details = {
  function: 'via_upstream',
  late: 'max_duration_timeout',
  /** Before its next try more of its body came than Envoy keeps: it was at no deployment then. */
  outgrown: 'request_payload_exceeded_retry_buffer_limit',
} as const

export type Ended = {
  /** Of the answer; 0: there was none. */
  readonly status: number
  readonly flags: readonly string[]
  /** Where the answer comes from, in Envoy's words. */
  readonly details: string
  readonly retries: number
  /** Whether its bucket's route leads to any cluster. */
  readonly routed: boolean
  /** Sooner than the policy `invocation_timeout` would have ended it. */
  readonly early: boolean
  /** The platform refused FaDO itself: proxy/lua/event/answer.lua. */
  readonly keyRefused: boolean
}

/** From here on a status is an error of who answers; from 400 on it is one of who asks. */
const firstError = 500

/**
 * `function`: the function answered 5xx. A platform that answers so in its place is not told from it. `platform`: a deployment
 * could not be reached, was reset, took too long, or all are out. `key`: the platform did not take FaDO's key. `fado`: FaDO had
 * no copy to send the call to, or too many calls. `caller`: the call names no bucket or function, or may not be made. `gone`:
 * its caller went away, or waited no longer (a call of gRPC says until when). Nobody's: it was answered.
 */
export function whoseError({ status, flags, details: from, retries, routed, early, keyRefused }: Ended): Whose | null {
  const has = (some: readonly string[]) => flags.some((flag) => some.includes(flag))
  if (has(flagsOf.caller)) return 'gone'
  if (from === details.late) return early ? 'gone' : 'platform'
  if (has(flagsOf.nobody)) return routed || retries > 0 ? 'platform' : 'fado'
  if (from === details.outgrown || has(flagsOf.unreachable) || has(flagsOf.late)) return 'platform'
  if (from === details.function) return status < firstError ? null : keyRefused ? 'key' : 'function'
  if (status >= firstError || status === 0) return 'fado'
  return status >= 400 ? 'caller' : null
}
