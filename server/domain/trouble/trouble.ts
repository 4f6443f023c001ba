// What stands against a master or a copy, as facts. Who acts asks the facts; the sentence about each is made in one place
// (`say-trouble.ts`), at the edge, and nothing ever reads it.

/**
 * Why nothing may be copied from a master or deleted by it: its bucket is not the one that FaDO recorded, or it is in an earlier
 * state than FaDO saw it in.
 */
export type MasterStop = 'missing' | 'replaced' | 'regressed'

/** The failures of calls that can be a whole store's. */
export const storeFailures = ['unreachable', 'timeout', 'signature', 'clock-skew', 'server-error', 'slow-down'] as const
/** What a whole store can suffer, as a mover sees it. `no-writes`: it answers, but no write to it ends in time. */
export type StoreProblem = (typeof storeFailures)[number] | 'no-writes'

/** What of it bears on who only reads there, as copies do of their master. */
export const problemOfReads = (problem: StoreProblem | null): StoreProblem | null =>
  problem === 'no-writes' ? null : problem

/**
 * A call that failed for a reason of its own bucket or object. `error` is the kind of the storage driver's error, or
 * `unexpected` for a fault of FaDO's own; `detail` what the driver says of it. `store` null: it came from no store.
 */
export type CallFailure = { readonly store: string | null; readonly error: string; readonly detail: string }

/** Not written by FaDO, changed by others since FaDO wrote it, or refused by the store for good. */
export type ConflictKind = 'foreign' | 'changed' | 'refused'
/** `keys`: the first few of `count`. */
export type ConflictSample = { readonly kind: ConflictKind; readonly count: number; readonly keys: readonly string[] }

/** Why no other whole copy could be shown, so that this one must stay: what the look at the master said. */
export type LastCopyDoubt =
  | { readonly because: 'bucket_missing' | 'not_listed' | 'unjudged'; readonly master: string }
  | { readonly because: 'objects_missing'; readonly master: string; readonly count: number }

/**
 * Versions that could not be deleted: a retention keeps them until `lastEnd` (milliseconds by the store's clock) at the latest,
 * null when it is legal holds alone, which are on `holds` of them until somebody lifts them.
 */
export type KeptVersions = {
  readonly store: string
  readonly versions: number
  readonly lastEnd: number | null
  readonly holds: number
}

export type Trouble =
  | {
      readonly kind: 'master_missing' | 'master_replaced' | 'master_regressed'
      readonly store: string
      readonly bucket: string
    }
  | { readonly kind: 'store'; readonly store: string; readonly problem: StoreProblem }
  | ({ readonly kind: 'call' } & CallFailure)
  | { readonly kind: 'foreign_bucket'; readonly store: string; readonly bucket: string }
  | { readonly kind: 'last_copy'; readonly store: string; readonly doubt: LastCopyDoubt }
  | ({ readonly kind: 'versions_kept' } & KeptVersions)
  | { readonly kind: 'conflicts'; readonly store: string; readonly sample: ConflictSample }
  | { readonly kind: 'braked'; readonly store: string; readonly count: number }
  | { readonly kind: 'keys'; readonly store: string; readonly count: number; readonly example: CallFailure }

/** With the time since when it is so, in milliseconds by PostgreSQL's clock; null where that is not kept. */
export type Standing = { readonly trouble: Trouble; readonly since: number | null }
