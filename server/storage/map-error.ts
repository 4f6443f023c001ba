// Turns every foreign failure (S3 answers, Node, abort reasons) into a StorageError. What a store says in words
// is never repeated: hostile or careless ones echo signatures and keys. Its error code is enough to look it up.
import { StorageError, type StorageErrorKind } from './storage-error.ts'
import { textOf } from './xml.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and the ones MinIO and versitygw add. */
const kindOfCodes: Readonly<Record<string, StorageErrorKind>> = {
  AccessDenied: 'access-denied',
  AllAccessDisabled: 'access-denied',
  AccountProblem: 'access-denied',
  InvalidAccessKeyId: 'signature',
  SignatureDoesNotMatch: 'signature',
  AuthorizationHeaderMalformed: 'signature',
  InvalidToken: 'signature',
  InvalidTokenId: 'signature',
  ExpiredToken: 'signature',
  TokenRefreshRequired: 'signature',
  InvalidSecurity: 'signature',
  XAdminUserNotFound: 'signature',
  PermanentRedirect: 'signature',
  TemporaryRedirect: 'signature',
  IllegalLocationConstraintException: 'signature',
  RequestTimeTooSkewed: 'clock-skew',
  NoSuchBucket: 'no-such-bucket',
  NoSuchKey: 'no-such-key',
  NoSuchVersion: 'no-such-key',
  NoSuchUpload: 'no-such-upload',
  PreconditionFailed: 'precondition-failed',
  ConditionalRequestConflict: 'precondition-failed',
  BucketAlreadyExists: 'conflict',
  BucketAlreadyOwnedByYou: 'conflict',
  BucketNotEmpty: 'conflict',
  OperationAborted: 'conflict',
  KeyTooLongError: 'bad-key',
  KeyTooLong: 'bad-key',
  InvalidURI: 'bad-key',
  XMinioInvalidObjectName: 'bad-key',
  XMinioInvalidResourceName: 'bad-key',
  XMinioParentIsObject: 'bad-key',
  XMinioObjectExistsAsDirectory: 'bad-key',
  ObjectParentIsFile: 'bad-key',
  ExistingObjectIsDirectory: 'bad-key',
  DirectoryObjectContainsData: 'bad-key',
  BadDigest: 'bad-digest',
  XAmzContentChecksumMismatch: 'bad-digest',
  XAmzContentSHA256Mismatch: 'bad-digest',
  IncompleteBody: 'bad-digest',
  EntityTooSmall: 'bad-layout',
  EntityTooLarge: 'bad-layout',
  MetadataTooLarge: 'bad-metadata',
  UnsupportedMetadata: 'bad-metadata',
  RequestHeaderSectionTooLarge: 'bad-metadata',
  InvalidTag: 'bad-metadata',
  QuotaExceeded: 'quota',
  XMinioAdminBucketQuotaExceeded: 'quota',
  XMinioStorageFull: 'quota',
  SlowDown: 'slow-down',
  SlowDownRead: 'slow-down',
  SlowDownWrite: 'slow-down',
  TooManyRequests: 'slow-down',
  ServiceUnavailable: 'slow-down',
  BandwidthLimitExceeded: 'slow-down',
  NotImplemented: 'unsupported',
  VersioningNotConfigured: 'unsupported',
  ObjectLockConfigurationNotFoundError: 'unsupported',
  MethodNotAllowed: 'unsupported',
  RequestTimeout: 'timeout',
  InternalError: 'server-error',
  XMinioServerNotInitialized: 'server-error',
}

const kindOfStatuses: Readonly<Record<number, StorageErrorKind>> = {
  401: 'signature',
  403: 'access-denied',
  405: 'unsupported',
  408: 'timeout',
  409: 'conflict',
  412: 'precondition-failed',
  413: 'bad-layout',
  429: 'slow-down',
  431: 'bad-metadata',
  501: 'unsupported',
  503: 'slow-down',
  507: 'quota',
}

const sentences: Readonly<Record<StorageErrorKind, string>> = {
  unreachable: 'The store cannot be reached',
  timeout: 'The store took too long',
  aborted: 'The call was cancelled',
  signature: 'The store does not accept the access key, the secret key or the region',
  'clock-skew': "The store's clock and ours are too far apart",
  'access-denied': 'The store does not allow this with these credentials',
  'no-such-bucket': 'The store has no such bucket',
  'no-such-key': 'The bucket has no such object',
  'no-such-upload': 'The store has no such upload',
  'precondition-failed': 'The object is not in the state that was asked for',
  conflict: 'The bucket exists already, is not empty, or is being changed',
  'bad-key': 'The store cannot hold an object of this name',
  'bad-digest': 'The bytes that arrived are not those that were announced',
  altered: 'Something on the way to the store changes what it sends',
  'bad-layout': 'A part or the object is too small or too large for the store',
  'bad-metadata': 'The store cannot hold the headers, metadata or tags of this object',
  quota: 'The store is full or its quota is used up',
  'slow-down': 'The store has too much to do',
  unsupported: 'The store does not offer this',
  refused: 'The store refused the request',
  'server-error': 'The store failed',
  protocol: 'The answer is not that of an S3 store',
}

/** What a call was about, for messages. */
export type CallSubject = {
  readonly method: string
  readonly bucket: string | null
  readonly key: string | null
}

export type ErrorAnswer = {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  /** Empty after HEAD. */
  readonly text: string
}

export function errorOfAnswer(subject: CallSubject, answer: ErrorAnswer): StorageError {
  const code = codeOf(answer)
  const kind = kindOf(subject, answer, code)
  const region = regionOf(answer, code)
  const at = region === null ? [] : [`it lies in the region ${region}`]
  const details = [`status ${answer.status}`, ...(code === null ? [] : [code]), ...at].join(', ')
  return new StorageError(kind, `${sentences[kind]} (${callName(subject)}: ${details})`, {
    code,
    status: answer.status,
    region,
  })
}

const ofRegion: ReadonlySet<string> = new Set([
  'AuthorizationHeaderMalformed',
  'PermanentRedirect',
  'TemporaryRedirect',
  'IllegalLocationConstraintException',
])

/** Named by an answer to a request that was signed for another one: AWS in a header, also without a body; others in it. */
function regionOf({ status, headers, text }: ErrorAnswer, code: string | null): string | null {
  const isAboutIt = code === null ? status === 301 || status === 307 || status === 400 : ofRegion.has(code)
  const named = isAboutIt ? (headers.get('x-amz-bucket-region') ?? safeText(text, 'Region')) : null
  return named !== null && /^[A-Za-z0-9-]{1,64}$/.test(named) ? named : null
}

/** Numbers that only S3's own servers give a request. Some of them call the empty answer to a HEAD HTML. */
const requestIds = ['x-amz-request-id', 'x-amzn-requestid']

function kindOf(subject: CallSubject, answer: ErrorAnswer, code: string | null): StorageErrorKind {
  const known = code === null ? undefined : kindOfCodes[code]
  if (known !== undefined) return known
  if (code === null && regionOf(answer, code) !== null) return 'signature'
  if (answer.status < 400) return 'protocol'
  // A web server or a proxy: its 404 says nothing about objects.
  const isPage =
    answer.headers.get('content-type')?.includes('html') && !requestIds.some((name) => answer.headers.has(name))
  if (answer.status < 500 && isPage) return 'protocol'
  if (answer.status === 404) {
    // S3 says what it misses, unless there is no body to say it in: this is another's, of a load balancer that lost its way, say.
    if (subject.method !== 'HEAD' && code === null) return 'protocol'
    return subject.key === null ? 'no-such-bucket' : 'no-such-key'
  }
  return kindOfStatuses[answer.status] ?? (answer.status >= 500 ? 'server-error' : 'refused')
}

/** MinIO names the error in a header where there is no body. */
function codeOf({ headers, text }: ErrorAnswer): string | null {
  const code = headers.get('x-minio-error-code') ?? (text.includes('<Error') ? safeText(text, 'Code') : null)
  return code !== null && /^[A-Za-z0-9._]{1,64}$/.test(code) ? code : null
}

function safeText(xml: string, tag: string): string | null {
  try {
    return textOf(xml, tag)
  } catch {
    return null
  }
}

const unreachableCode =
  /^(E(CONN(REFUSED|RESET|ABORTED)|PIPE|NOTFOUND|AI_[A-Z]+|HOSTUNREACH|NETUNREACH|HOSTDOWN|ADDRNOTAVAIL|TIMEDOUT)|.*CERT.*|ERR_(TLS|SSL)_.*|UNABLE_TO_.*|EPROTO)$/
/** The store was reached: it, or something on the way to it, ended the connection. */
const cutCode = /^E(CONN(RESET|ABORTED)|PIPE)$/
/** The store was reached, but may be another one, or is not trusted: a name, a date or an authority is wrong. */
const certificateCode = /CERT|^UNABLE_TO_|_CA_|SELF_SIGNED/
/** As OpenSSL says it in a message: what was reached speaks something else than TLS. Node's code may be EPROTO. */
const noTlsWords = /wrong version number|packet length too long/
const abortedCode = /^ABORT_ERR$/
/** A header value with control characters, for instance. */
const refusedCode = /^ERR_INVALID_CHAR$/
/** A body that was shorter or longer than its `size`. */
const badDigestCode = /^ERR_HTTP_CONTENT_LENGTH_MISMATCH$/

/** `signal` is the caller's: once it is aborted, whatever broke broke because of it. */
export function errorOfFailure(subject: CallSubject, failure: unknown, signal?: AbortSignal): StorageError {
  if (failure instanceof StorageError && !signal?.aborted) return failure
  const kind = signal?.aborted ? 'aborted' : kindOfFailure(failure)
  const cause = signal?.aborted ? signal.reason : failure
  const code = failureCode(failure)
  const details = code === null || kind === 'aborted' ? '' : `: ${code}`
  const sentence = kind === 'unreachable' ? sentenceOfUnreachable(code ?? '') : sentences[kind]
  return new StorageError(kind, `${sentence} (${callName(subject)}${details})`, { cause })
}

function sentenceOfUnreachable(code: string): string {
  if (cutCode.test(code)) return 'The connection was cut'
  return certificateCode.test(code) ? "The store's certificate is not accepted" : sentences.unreachable
}

/** Why the store's certificate was not accepted, as Node names it; null when it is not about one. */
export function certificateProblem(error: StorageError): string | null {
  const code = failureCode(error)
  return code !== null && certificateCode.test(code) ? code : null
}

/** What was reached answers, but speaks no TLS. */
export const speaksNoTls = (failure: unknown): boolean =>
  failure instanceof Error && (noTlsWords.test(failure.message) || speaksNoTls(innerOf(failure)))

function kindOfFailure(failure: unknown): StorageErrorKind {
  if (failure instanceof DOMException && failure.name === 'TimeoutError') return 'timeout'
  const code = failureCode(failure) ?? ''
  if (unreachableCode.test(code)) return 'unreachable'
  if (abortedCode.test(code)) return 'aborted'
  if (badDigestCode.test(code)) return 'bad-digest'
  return refusedCode.test(code) ? 'refused' : 'protocol'
}

const innerOf = (failure: Error): unknown => (failure instanceof AggregateError ? failure.errors[0] : failure.cause)

/** The innermost code says most: `fetch failed` wraps ECONNREFUSED, happy eyeballs wrap several. */
function failureCode(failure: unknown): string | null {
  if (!(failure instanceof Error)) return null
  const inner = innerOf(failure)
  const code = 'code' in failure && typeof failure.code === 'string' ? failure.code : null
  return failureCode(inner) ?? code
}

function callName({ method, bucket, key }: CallSubject): string {
  const path = key === null ? (bucket ?? '') : `${bucket}/${key.length > 100 ? `${key.slice(0, 100)}…` : key}`
  return JSON.stringify(`${method} /${path}`).slice(1, -1)
}
