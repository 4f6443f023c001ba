// What a bucket that keeps versions has of an object beside the newest.

/** A version of an object, or a marker that says that it was deleted. */
export type ObjectVersion = {
  readonly key: string
  /** `null` (the word) for one that was written while the bucket kept none. */
  readonly versionId: string
  readonly isMarker: boolean
  readonly isLatest: boolean
  /** Empty for a marker. */
  readonly etag: string
}

/** Why a version may not be deleted. */
export type Retention = {
  /** GOVERNANCE or COMPLIANCE; null with a legal hold alone. */
  readonly mode: string | null
  /** When it ends; null with a legal hold alone, which ends when somebody lifts it. */
  readonly until: number | null
  readonly legalHold: boolean
}
