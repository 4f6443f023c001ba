// What one copy is asked to do and how it can end. `copyObject(request)` of copy-object.ts does it.
import type { StorageDriver } from './storage-driver.ts'
import type { ObjectHead, OpenedObject, Tag, WriteCondition } from './storage-values.ts'

type CopyEnd = {
  readonly driver: StorageDriver
  /** The bucket's name at this store; the two ends may differ. */
  readonly bucket: string
}

/** An object as another store shows it. */
export type SourceVersion = { readonly head: ObjectHead; readonly tags: readonly Tag[] }

export type CopyRequest = {
  readonly source: CopyEnd
  readonly target: CopyEnd
  readonly key: string
  /** ETag of the source that the caller has seen; another one ends the copy as `source-changed`. */
  readonly sourceEtag: string
  /** Its content-encoding as `head` told it, '' for none: other bytes than the stored ones end the copy as `altered`. */
  readonly sourceCoding?: string
  /**
   * What is to be written, where the source only lends its bytes: `sourceEtag` is this version's, and a digest. The bytes become an
   * object only when they are those that it digests; else, and where the parts cannot be kept, the copy ends as `source-changed`.
   */
  readonly version?: SourceVersion
  /**
   * The source in one piece, opened already: `sourceEtag` is this object's, and a digest. What it does not digest ends the copy as
   * `source-changed`, for nobody knows how else to ask for it. Its body is let go in any case.
   */
  readonly opened?: OpenedObject
  /** On what must be at the target. Read the target BEFORE the source, or an older version can win a race. */
  readonly condition?: WriteCondition
  readonly signal?: AbortSignal
  /**
   * Awaited before each request that writes to the target (create upload, each part, complete, put, tags). `uploadId` is set
   * once there is a multipart upload, so that it can be journaled before its first byte. What it throws ends the copy.
   */
  readonly beforeWrite?: (step: { readonly uploadId: string | null }) => Promise<void>
  /**
   * A multipart upload of this very version, with all that is carried, which was cut off: what the target has of it is not sent
   * again where the ETag in the end proves that all parts are right, else it is taken back.
   */
  readonly resume?: string | null
  /** Whether a multipart upload that failed so stays, to be resumed; default: it is taken back. */
  readonly keepsUpload?: (error: unknown) => boolean
  /** Called with the number of bytes of each chunk that was read from the source. Bytes read again count again. */
  readonly onBytes?: (bytes: number) => void
  /** Parts of one object under way at once; default 4. */
  readonly partConcurrency?: number
}

/**
 * How far the copy was checked, best first:
 * - `etag`: the target has the source's ETag, so the same bytes in the same parts
 * - `md5`: another ETag (other parts, or the source's tells nothing), but the MD5 of what was read is what the target has. Where the
 *   source's looked like a digest of the whole, two reads agreed on it.
 * - `size`: the ETags of these stores tell nothing of the bytes; the length is right
 */
export type CopyVerification = 'etag' | 'md5' | 'size'

export type CopyOutcome =
  | {
      readonly outcome: 'copied'
      readonly targetEtag: string
      readonly bytes: number
      readonly verified: CopyVerification
      /** As `timed` has it; null also of an object in parts. */
      readonly writtenAt: number | null
      /** What was carried over. Look at the source once more and compare all of it: metadata changes keep the ETag. */
      readonly sourceHead: ObjectHead
      readonly tags: readonly Tag[]
    }
  /** The target does not take the tags of such an object: it is there without them. */
  | {
      readonly outcome: 'untagged'
      readonly targetEtag: string
      readonly bytes: number
      readonly sourceHead: ObjectHead
      readonly tags: readonly Tag[]
    }
  /** The source has another ETag now, or other bytes than `version`: nothing was written. */
  | { readonly outcome: 'source-changed' }
  /** The source has no such key (or no such bucket: ask before you delete): nothing was written. */
  | { readonly outcome: 'source-gone' }
  /** The condition does not hold at the target: nothing was written. */
  | { readonly outcome: 'target-changed' }
