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
}

export type WrittenObject = {
  readonly targetEtag: string
  readonly verified: CopyVerification
}
