import type { BucketVersioning } from '../bucket-versioning.ts'

/** `unknown`: the store does not let FaDO ask, or did not answer in time. */
export type Known<T> = T | 'unknown'

/** What somebody has set on a bucket at its store, beside its objects. */
export type BucketSettings = {
  readonly versioning: Known<BucketVersioning>
  /** Enabled rules, and whether one of them deletes current objects. */
  readonly lifecycle: Known<{ readonly rules: number; readonly expires: boolean }>
  readonly policy: Known<boolean>
  /** The algorithm that it encrypts with by default; null: none. */
  readonly encryption: Known<string | null>
  /** Names of the buckets that the store itself copies it to. */
  readonly replication: Known<readonly string[]>
  /** Entries of others, and whether there is one with FaDO's Id. */
  readonly notifications: Known<{ readonly others: number; readonly fado: boolean }>
  readonly requesterPays: Known<boolean>
}
