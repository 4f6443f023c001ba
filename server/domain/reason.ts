/**
 * Why something is as it is: a code for programs with the names it is about (a store, a few keys), a sentence for people.
 * Nothing reads the sentence but people.
 */
export type Reason = {
  readonly code: ReasonCode
  readonly message: string
  readonly store?: string
  readonly keys?: readonly string[]
}

export const reasonCodes = [
  // placement
  'TOO_FEW_CLUSTERS',
  'UNKNOWN_ZONE',
  'RESIDENCY_VIOLATION',
  'FOREIGN_BUCKET',
  'STORE_UNREACHABLE',
  'STORE_RETURNING',
  'COPY_FAILED',
  'DELETING',
  // a master or a copy that does not get on
  'MASTER_MISSING',
  'MASTER_REPLACED',
  'MASTER_REGRESSED',
  'MASTER_UNREADABLE',
  'STORE_REFUSES_KEY',
  'STORE_CLOCK_SKEW',
  'STORE_FAILS',
  'STORE_BUSY',
  'STORE_TAKES_NO_WRITES',
  'CALL_FAILED',
  'KEYS_FAIL',
  'LAST_COPY',
  'VERSIONS_KEPT',
  'FOREIGN_OBJECTS',
  'CHANGED_OBJECTS',
  'REFUSED_OBJECTS',
  'DELETES_BRAKED',
  // what a copy waits for
  'BUCKET_PAUSED',
  'LINK_PAUSED',
  'WINDOW_CLOSED',
  'NARROWING_UNDECIDED',
  'COPY_NOT_MADE',
  'TRIED_AGAIN',
  'LOOKED_AT_LATER',
  'NO_MOVER',
  'BANDWIDTH_LIMIT',
  'LINK_BUSY',
  // how work on a whole copy went, or why it ended
  'WENT_ON',
  'MOVER_LOST',
  'MOVER_STOPPED',
  'COPYING_HELD',
  // what a change was late for
  'NOT_TAKEN',
  'COPYING_TOOK',
  // from where the bytes of a copy come
  'MASTER_ONLY',
  'MASTER_BEST',
  'CHEAPER',
  'NEARER',
  'FASTER_LINK',
  'MASTER_AWAY',
  // what lowered how many are under way at once on a link
  'STORE_SLOWER',
  // why a copy is looked at as a whole as often as it is
  'SWEEP_LEARNING',
  'SWEEP_SETTLED',
  'SWEEP_UNPROVEN',
  'SWEEP_UNTOLD',
  'SWEEP_POLICY',
  // a store or a function deployment that can be used, but
  'PLATFORM_REFUSES',
  'NOT_THE_PLATFORM',
  'CERTIFICATE_UNCHECKED',
  'SECRET_UNENCRYPTED',
  'CAPABILITY_MISSING',
  'EVENTS_NONE',
  'EVENTS_UNHEARD',
  'EVENTS_SILENT',
  // what a replica of a bucket that is there already would not have
  'VERSIONS',
  'OBJECT_LOCK',
  'LIFECYCLE',
  'BUCKET_POLICY',
  'ENCRYPTION',
  'STORE_REPLICATION',
  'NOTIFICATIONS',
  'SUBSCRIBED',
  'REQUESTER_PAYS',
  'NO_ETAG',
  'ETAG_NO_DIGEST',
  'UNKNOWN_SETTINGS',
  'NAME_TAKEN',
  'NAME_UNUSABLE',
  // routing
  'NO_FUNCTIONS',
  'ZONE_FORBIDS',
  'WITHDRAWN',
  'NOT_COMPLETE',
  'IN_CONFLICT',
  'TOO_STALE',
  'OVERRIDDEN',
  'NO_COPY',
  'NOT_ACTIVE',
  // what Envoy answers by itself
  'BUCKET_NOT_NAMED',
  'BUCKET_AMBIGUOUS',
  'UNKNOWN_BUCKET',
  'UPGRADE_REFUSED',
  'CONNECT_REFUSED',
  'PATH_REFUSED',
  'ORIGIN_ALLOWED',
  'ORIGIN_REFUSED',
  'NOT_A_FUNCTION',
  'NOBODY_SERVES',
  'NOBODY_TAKES_GRPC',
  'STARTS_SLOWLY',
  'CALLER_UNPROVEN',
  'CALLER_REFUSED',
  'NO_TLS_INGRESS',
  // why a call does not go to a function deployment
  'UNDECIDED',
  'NO_ADDRESS',
  'SECRETS_MISSING',
  'DEPLOYMENT_DOWN',
  'DEPLOYMENT_RETURNING',
  'KIND_NOT_TAKEN',
  'NO_SUCH_FUNCTION',
  'NAME_IMPOSSIBLE',
  'LATER_IN_ORDER',
  // what a route waits for
  'NO_PROXY',
  'PROXY_BEHIND',
  'PROXY_GONE',
  'PROXY_REFUSED',
] as const
export type ReasonCode = (typeof reasonCodes)[number]

/** Whether it is this one; to clients of the API a code is any text, for a later FaDO may have more. */
export const isReason = (reason: { readonly code: string }, code: ReasonCode): boolean => reason.code === code

/** `a`, `a and b`, `a, b and c`; after `most` names the rest of `all` is counted. */
export function listOf(names: readonly string[], most = 5, all = names.length): string {
  const shown = all > most ? [...names.slice(0, most - 1), `${all - most + 1} more`] : [...names]
  const last = shown.pop()
  return shown.length === 0 ? (last ?? '') : `${shown.join(', ')} and ${last}`
}

/** `1 replica`, `2 replicas`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
