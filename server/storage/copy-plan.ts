import type { CopyRequest, CopyVerification } from './copy-request.ts'
import type { ObjectHead, Tag } from './storage-values.ts'

/** What is known of a copy once the first bytes of the source are there. */
export type CopyPlan = {
  readonly request: CopyRequest
  readonly sourceHead: ObjectHead
  /** Sent along with the object. */
  readonly tags: readonly Tag[]
  /** Compute the MD5 of what is read, because the source's ETag does not tell it, or was found not to. */
  readonly measure: boolean
  /** Digest of what another read of the source gave; only the same is written. Null: there was none. */
  readonly read: string | null
}

export type WrittenObject = {
  readonly targetEtag: string
  readonly verified: CopyVerification
  readonly writtenAt: number | null
}
