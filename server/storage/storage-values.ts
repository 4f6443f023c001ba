// What the calls of a store take and answer, in S3's words. Times are milliseconds since the epoch by the store's clock, sizes are
// bytes, ETags are without quotes.
import type { Readable } from 'node:stream'

export type CallOptions = {
  /** Cancels the call at any moment: it rejects with kind `aborted`. */
  readonly signal?: AbortSignal
}

/** How long the store may take, in milliseconds. */
export type StorageTimeouts = {
  /** To open a connection, TLS included. */
  readonly connectMs: number
  /** Without a single byte moving in either direction. Below 10 s: a path that falls silent is an error by then. */
  readonly idleMs: number
  /** Before the answer to a listing begins: stores search long for a page of a large bucket. */
  readonly listMs: number
  /** For the whole of a call that carries no object bytes. */
  readonly answerMs: number
  /** For CompleteMultipartUpload: stores put the parts together before they answer. */
  readonly completeMs: number
}

export type BucketInfo = {
  readonly name: string
  readonly createdAt: number
}

/**
 * The headers that make an object what it is beside its bytes: content-type, content-encoding, content-language,
 * content-disposition, cache-control, expires, x-amz-meta-*. Names are lower case; values are the octets of the
 * header as latin1, verbatim, so that a second copy is the same as the first.
 */
export type ObjectMetadata = Readonly<Record<string, string>>

export type Tag = {
  readonly key: string
  readonly value: string
}

export type ObjectHead = {
  readonly key: string
  /** Of the whole object, also where only a part was asked for. */
  readonly size: number
  readonly etag: string
  /** Whether the ETag is of the form that digests the bytes (MD5, or MD5 of MD5s and `-N`) and not known to be other. */
  readonly etagIsDigest: boolean
  /** In whole seconds: a listing tells milliseconds, so compare only what came from the same kind of call. */
  readonly lastModified: number
  readonly metadata: ObjectMetadata
  /** Number of tags; their values need `getTags`. */
  readonly tagCount: number
  /** Number of parts it was uploaded in; null unless a part was asked for and the store tells. */
  readonly partCount: number | null
  /** The store's clock when it answered; null when it does not tell. */
  readonly serverDate: number | null
}

export type ListedObject = {
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly lastModified: number
}

export type ListOptions = CallOptions & {
  readonly prefix?: string
  /** Only keys after this one in UTF-8 byte order; it need not exist. */
  readonly startAfter?: string
}

export type OpenOptions = CallOptions & {
  /** Rejects with `precondition-failed` when the object's ETag is another. */
  readonly ifMatch?: string
  /**
   * Its content-encoding as `head` told it, '' for none. It is asked for in just this, so that nothing between FaDO and
   * the store unpacks it; `altered` when it comes in another.
   */
  readonly coding?: string
  /** Only this part, from 1. */
  readonly partNumber?: number
  /** Only these bytes, both ends included. Not together with `partNumber`. */
  readonly range?: { readonly start: number; readonly end: number }
}

export type OpenedObject = {
  readonly head: ObjectHead
  /** Bytes that `body` will give; a body that ends earlier fails with a StorageError. */
  readonly length: number
  /** Must be read to its end or destroyed, or its connection stays taken. */
  readonly body: Readable
}

export type ReadOptions = CallOptions & {
  /** Bytes that are worth reading. */
  readonly most: number
}

export type ReadObject = {
  readonly head: ObjectHead
  /** Null: it has more than `most`. */
  readonly bytes: Buffer | null
}

/** Rejects with `precondition-failed` when it is not so. Atomic where the store has the capability `conditional-writes`. */
export type WriteCondition = { readonly ifMatch: string } | { readonly ifNoneMatch: '*' }

export type WriteBody = {
  readonly body: Readable | Uint8Array
  /** Exact length of the body. */
  readonly size: number
  /** MD5 of the body in hex; the store refuses other bytes with `bad-digest`. */
  readonly md5?: string
}

export type PutOptions = CallOptions &
  WriteBody & {
    readonly metadata?: ObjectMetadata
    readonly tags?: readonly Tag[]
    readonly condition?: WriteCondition
  }

export type WriteResult = {
  readonly etag: string
  /** As in `ObjectHead`. */
  readonly etagIsDigest: boolean
  /** As in `ObjectHead`. */
  readonly serverDate: number | null
}

export type AmendOptions = CallOptions & {
  readonly metadata: ObjectMetadata
  /** They must fit the headers of a request (`tagsFitHeaders`). */
  readonly tags: readonly Tag[]
  readonly ifMatch: string
}

export type CreateUploadOptions = CallOptions & {
  readonly metadata?: ObjectMetadata
  readonly tags?: readonly Tag[]
}

export type UploadPartOptions = CallOptions &
  WriteBody & {
    readonly uploadId: string
    /** From 1 to 10 000. */
    readonly partNumber: number
  }

export type CompleteUploadOptions = CallOptions & {
  readonly uploadId: string
  /** In rising order of `partNumber`. */
  readonly parts: readonly { readonly partNumber: number; readonly etag: string }[]
  readonly condition?: WriteCondition
}

export type PresignOptions = {
  /** From 1 to 604 800 (a week: S3's limit). */
  readonly expiresInSeconds: number
}

export type PresignPutOptions = PresignOptions & {
  /** Signed with the address: the sender must send exactly these. */
  readonly metadata?: ObjectMetadata
  readonly tags?: readonly Tag[]
}

export type PresignGetOptions = PresignOptions & {
  /** The content-disposition that the store answers with, whatever the object has; ASCII. */
  readonly disposition?: string
}

export type PresignPartOptions = PresignOptions & {
  readonly uploadId: string
  readonly partNumber: number
}

/** A part of an unfinished upload that the store has. */
export type UploadedPart = {
  readonly partNumber: number
  readonly size: number
  readonly etag: string
}

export type PresignedRequest = {
  readonly method: 'GET' | 'PUT'
  /** Carries the right to do it: never log it. */
  readonly url: string
  /** Headers to send along. */
  readonly headers: ObjectMetadata
}
