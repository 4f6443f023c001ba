/**
 * What went wrong with a store, in the words a caller decides by.
 *
 * - `unreachable`: no connection, name not resolved, TLS refused, or the connection broke before the answer was whole
 * - `timeout`: it took longer than the time-outs of the driver allow
 * - `aborted`: the caller's signal; `cause` is its reason
 * - `signature`: unknown access key, wrong secret, or a region that is not the store's (`region` names the right one)
 * - `clock-skew`: the store refuses our clock (more than 15 minutes apart)
 * - `access-denied`: the credentials are right but may not do this
 * - `no-such-bucket`, `no-such-key`, `no-such-upload`
 * - `precondition-failed`: what a condition asked for is not so (also: If-Match on a key that is gone)
 * - `conflict`: the bucket is not empty, or exists already
 * - `bad-key`: the store cannot hold an object of that name; trying again is no use
 * - `bad-digest`: the bytes that arrived are not those whose MD5 was sent
 * - `altered`: the bytes that come are not those that are stored: a proxy on the way packs or unpacks them
 * - `bad-layout`: a part or an object is too small or too large for this store
 * - `bad-metadata`: the store cannot hold what is beside the bytes (headers, x-amz-meta-*, tags): too long, or of a kind
 *   it does not take; trying again is no use
 * - `quota`: the store is full, or a quota is
 * - `slow-down`: too many requests
 * - `unsupported`: the store does not offer this call (or this event target)
 * - `refused`: any other refusal of the request (4xx)
 * - `server-error`: the store's own fault (5xx)
 * - `protocol`: the answer is not S3's: redirect, HTML, broken XML, too large, lying length
 */
export type StorageErrorKind =
  | 'unreachable'
  | 'timeout'
  | 'aborted'
  | 'signature'
  | 'clock-skew'
  | 'access-denied'
  | 'no-such-bucket'
  | 'no-such-key'
  | 'no-such-upload'
  | 'precondition-failed'
  | 'conflict'
  | 'bad-key'
  | 'bad-digest'
  | 'altered'
  | 'bad-layout'
  | 'bad-metadata'
  | 'quota'
  | 'slow-down'
  | 'unsupported'
  | 'refused'
  | 'server-error'
  | 'protocol'

/** Kinds where the same request may succeed a while later without anybody changing anything. */
const retryableKinds: ReadonlySet<StorageErrorKind> = new Set([
  'unreachable',
  'timeout',
  'bad-digest',
  'quota',
  'slow-down',
  'server-error',
])

/** Kinds that are about the object itself: this store cannot hold it, and no other object, bucket or call is to blame. */
const kindsOfObject: ReadonlySet<StorageErrorKind> = new Set(['bad-key', 'bad-layout', 'bad-metadata'])

/** The one error that leaves server/storage. Its message names the call, never credentials or signed addresses. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly kind: StorageErrorKind
  /** The store's own error code (`EntityTooSmall`), where it sent one. */
  readonly code: string | null
  /** HTTP status of the answer; null when there was none. */
  readonly status: number | null
  /** The region that the store says it, or the bucket, lies in, where the request was signed for another one. */
  readonly region: string | null

  constructor(
    kind: StorageErrorKind,
    message: string,
    options: { code?: string | null; status?: number | null; region?: string | null; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    this.code = options.code ?? null
    this.status = options.status ?? null
    this.region = options.region ?? null
  }

  /** The store can never hold this object as it is. */
  get isOfObject(): boolean {
    return kindsOfObject.has(this.kind)
  }

  get retryable(): boolean {
    return retryableKinds.has(this.kind)
  }
}
