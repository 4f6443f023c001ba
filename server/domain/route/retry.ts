// What of a bucket's calls may be tried again on another deployment, from its policies.
import type { BucketPolicies } from '../policy/definitions.ts'
import type { RetryRule } from '../policy/retry-rule.ts'

/** What differs from the defaults, so that tables of buckets that set none of it have the names that they always had. */
export type Retry = {
  /** Absent: `unsent`. */
  readonly rule?: Exclude<RetryRule, 'unsent'>
  /** How often a call is tried at most, the first included; absent: by the number of clusters. */
  readonly tries?: number
  /** After how many milliseconds without an answer an idempotent call is tried elsewhere; absent: never. */
  readonly tryMs?: number
}

/** Undefined: all is as by default. */
export function retryOf({
  retry,
  tries,
  try_timeout: seconds,
}: Pick<BucketPolicies, 'retry' | 'tries' | 'try_timeout'>): Retry | undefined {
  if (retry === 'never') return { rule: retry }
  const given = {
    ...(retry === 'unsent' ? {} : { rule: retry }),
    ...(tries === null ? {} : { tries }),
    ...(retry === 'idempotent' && seconds > 0 ? { tryMs: Math.max(1, Math.round(seconds * 1000)) } : {}),
  }
  return Object.keys(given).length === 0 ? undefined : given
}
