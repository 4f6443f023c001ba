/** Why something is as it is: a code for programs, a sentence for people. */
export type Reason = { readonly code: ReasonCode; readonly message: string }

export type ReasonCode =
  // placement
  | 'TOO_FEW_CLUSTERS'
  | 'UNKNOWN_ZONE'
  | 'UNKNOWN_STORE'
  | 'RESIDENCY_VIOLATION'
  | 'FOREIGN_BUCKET'
  | 'STORE_UNREACHABLE'
  | 'MASTER_UNREADABLE'
  | 'COPY_FAILED'
  | 'DELETING'
  // routing
  | 'NO_FUNCTIONS'
  | 'ZONE_FORBIDS'
  | 'WITHDRAWN'
  | 'NOT_COMPLETE'
  | 'IN_CONFLICT'
  | 'TOO_STALE'
  | 'OVERRIDDEN'

/** `a`, `a and b`, `a, b and c`; after `most` names the rest is counted. */
export function listOf(names: readonly string[], most = 5): string {
  const shown = names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : [...names]
  const last = shown.pop()
  return shown.length === 0 ? (last ?? '') : `${shown.join(', ')} and ${last}`
}

/** `1 replica`, `2 replicas`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
