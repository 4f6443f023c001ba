// One request, one answer, over a pool of connections: signs, limits time and size, and turns every failure into a
// StorageError. Knows HTTP and S3's signature, but none of S3's calls.
import { Readable } from 'node:stream'
import type { Addresses, Regions } from './addresses.ts'
import type { Spaces } from './canonical-spaces.ts'
import { blameHeader, findWords, oddHeader } from './explain-refusal.ts'
import { type CallSubject, errorOfAnswer, errorOfFailure } from './map-error.ts'
import { queryString } from './object-path.ts'
import { type RequestSigner, sha256, unsignedPayload } from './sign-request.ts'
import { createSigningManner } from './signing-manner.ts'
import { StorageError } from './storage-error.ts'
import type { StorageTimeouts } from './storage-values.ts'
import { trustedContext } from './trusted-context.ts'
import { ask, type BodyLimit } from './wire/ask.ts'
import { createConnections } from './wire/connections.ts'

type S3Request = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE'
  readonly bucket?: string
  readonly key?: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** A stream needs `size`. Text is XML of ours. */
  readonly body?: Readable | Uint8Array | string
  readonly size?: number
  /** How long the store may be silent before its answer; default: the driver's `idleMs`. */
  readonly silenceMs?: number
  /** Which answers are no error; default: status 2xx. */
  readonly accepts?: (status: number) => boolean
  readonly signal?: AbortSignal | undefined
}

type S3Answer = {
  readonly status: number
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>
}

/** A request that is signed already, as it goes over the wire. */
type RawRequest = {
  readonly subject: CallSubject
  /** Where it goes; default: the store's endpoint. */
  readonly origin?: string
  /** Path with query, encoded. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readable | Uint8Array | string | null
  readonly silenceMs?: number
  readonly accepts?: (status: number) => boolean
  readonly signal?: AbortSignal | undefined
}

export type S3Client = {
  /** The whole answer as text, at most 10 MB of it. Rejects unless the request accepts the status. */
  call(request: S3Request): Promise<S3Answer & { readonly text: string }>
  /** As `call` for a request that was signed elsewhere. */
  callRaw(request: RawRequest): Promise<S3Answer & { readonly text: string }>
  /** The same as bytes; none of an answer that has more than `most`. */
  bytes(request: S3Request, most: number): Promise<S3Answer & { readonly bytes: Buffer }>
  /** The answer with its body still to be read, whose errors are StorageErrors too. Rejects unless the status is 2xx. */
  stream(request: S3Request): Promise<S3Answer & { readonly body: Readable }>
  /** See `SigningManner`; for what is signed and sent by others. */
  signsPrefix(): Promise<boolean>
  close(): Promise<void>
}

/** A page of 1 000 keys of 1 024 octets, each percent-encoded, has 3.5 MB. */
const ofAnswer: BodyLimit = { most: 10_000_000, tooMuch: 'fail', broken: 'fail' }
/** The body of a refusal has only words, which may be missing. */
const ofRefusal: BodyLimit = { most: 100_000, tooMuch: 'empty', broken: 'empty' }
/** Need not exist: any answer to it shows that the store is there. */
export const pingBucket = 'fado-ping'
const emptySha256 = sha256('')
/** A small question, whose refusal has words. */
const ofLocation = { location: '' }

export type S3ClientOptions = {
  readonly endpoint: URL
  readonly addresses: Addresses
  readonly regions: Regions
  readonly signer: RequestSigner
  readonly timeouts: StorageTimeouts
  readonly caCertificates?: string | null
  readonly skipTlsVerify?: boolean
}

export function createS3Client(options: S3ClientOptions): S3Client {
  const { endpoint, addresses, regions, signer, timeouts, caCertificates = null, skipTlsVerify = false } = options
  const secureContext = () => trustedContext(caCertificates)
  const connections = createConnections({ connectMs: timeouts.connectMs, secureContext, skipTlsVerify })

  const manner = createSigningManner(endpoint.pathname !== '/', ({ headers, ...trial }, signal) => {
    const request = { method: 'GET', bucket: pingBucket, query: ofLocation, headers, signal } as const
    return inItsRegion(request, () => guarded(request, subjectOf(request), () => whole(sealed(request, trial))))
  })

  async function toRaw(request: S3Request): Promise<RawRequest> {
    const { headers = {}, signal } = request
    const withPrefix = await manner.signsPrefix(signal)
    const spaces = oddHeader(headers) === null ? 'unicode' : await manner.spaces(signal)
    return sealed(request, { withPrefix, spaces })
  }

  function sealed(request: S3Request, { spaces, withPrefix }: { spaces: Spaces; withPrefix: boolean }): RawRequest {
    const { query = {}, headers = {}, body = null, size, silenceMs, accepts, signal } = request
    const subject = subjectOf(request)
    const { origin, host, prefix, path, region } = addresses.of(subject.bucket, subject.key)
    const payload = body === null ? emptySha256 : typeof body === 'string' ? sha256(body) : unsignedPayload
    const unsigned = { method: subject.method, host, region, path: withPrefix ? prefix + path : path, query, headers }
    const length = size === undefined ? {} : { 'content-length': String(size) }
    const search = queryString(query)
    return {
      subject,
      origin,
      path: search === '' ? prefix + path : `${prefix}${path}?${search}`,
      headers: { ...signer.sign(unsigned, payload, spaces), ...length },
      body,
      ...(silenceMs === undefined ? {} : { silenceMs }),
      ...(accepts === undefined ? {} : { accepts }),
      signal,
    }
  }

  /** Maps what `work` throws, and lets go of the body. */
  async function guarded<T>(request: S3Request | RawRequest, subject: CallSubject, work: () => Promise<T>): Promise<T> {
    const { body, signal } = request
    // A source that fails while nobody reads it yet would end the process.
    if (isStream(body)) body.on('error', ignore)
    try {
      return await work()
    } catch (failure) {
      throw errorOfFailure(subject, failure, signal)
    } finally {
      if (isStream(body) && !body.readableEnded) body.destroy()
    }
  }

  /** `of`: how much of the body of an accepted answer is wanted; `stream`: all of it, as it comes. */
  async function answer(raw: RawRequest, of: BodyLimit | 'stream'): Promise<S3Answer & { body: Buffer | Readable }> {
    const { subject, origin = endpoint.origin, path, headers, body, silenceMs = timeouts.idleMs, signal } = raw
    const accepts = raw.accepts ?? isSuccess
    const told = await ask(
      connections,
      origin,
      { method: subject.method, path, headers, body },
      {
        signal,
        patience: {
          silence: silenceMs,
          pause: timeouts.idleMs,
          // An upload takes as long as its bytes keep moving.
          begins: isUpload(body) ? Number.POSITIVE_INFINITY : Math.max(timeouts.answerMs, silenceMs),
        },
        endsMs: timeouts.answerMs,
        limitOf: (status) => (of !== 'stream' && accepts(status) ? of : ofRefusal),
        streams: (status) => of === 'stream' && accepts(status),
      },
    )
    if (accepts(told.status)) return told
    throw errorOfAnswer(subject, { ...told, text: textOrNothing(told.body as Buffer) })
  }

  const whole = async (raw: RawRequest, of: BodyLimit = ofAnswer): Promise<S3Answer & { bytes: Buffer }> => {
    const { status, headers, body } = await answer(raw, of)
    return { status, headers, bytes: body as Buffer }
  }

  /** Once more where the store named another region than it was signed for; from then on in that one. */
  async function inItsRegion<T>(request: S3Request, send: () => Promise<T>): Promise<T> {
    try {
      return await send()
    } catch (error) {
      const named = error instanceof StorageError ? error.region : null
      const news = named !== null && regions.learn(request.bucket ?? null, named)
      if (!news || isStream(request.body)) throw error // a stream is read: who sends it tries again
      return send()
    }
  }

  function bytes(request: S3Request, of?: BodyLimit): Promise<S3Answer & { bytes: Buffer }> {
    return guarded(request, subjectOf(request), async () => whole(await toRaw(request), of))
  }

  function stream(request: S3Request): Promise<S3Answer & { body: Readable }> {
    const subject = subjectOf(request)
    return guarded(request, subject, async () => {
      const told = await answer(await toRaw(request), 'stream')
      return { ...told, body: withMappedErrors(told.body as Readable, subject, request.signal) }
    })
  }

  const sent = (request: S3Request) => inItsRegion(request, () => bytes(request))

  async function call(request: S3Request): Promise<S3Answer & { bytes: Buffer }> {
    const { method, headers = {} } = request
    const answer = sent(request).catch(blameHeader(headers))
    return method === 'HEAD' ? answer.catch(withWords(request)) : answer
  }

  /** For `catch` of a HEAD: once more where the call that has words named another region than it was signed for. */
  function withWords(request: S3Request): (error: unknown) => ReturnType<typeof sent> {
    const { bucket, signal } = request
    const ofBucket = bucket === undefined ? {} : { bucket }
    const region = regions.of(bucket ?? null)
    const find = findWords(() => sent({ ...ofBucket, method: 'GET', query: ofLocation, signal }))
    return (error) =>
      find(error).catch((told: unknown) => {
        if (regions.of(bucket ?? null) === region) throw told
        return sent(request)
      })
  }

  return {
    callRaw: async (raw) => asText(await guarded(raw, raw.subject, () => whole(raw))),
    call: async (request) => asText(await call(request)),
    bytes: (request, most) => inItsRegion(request, () => bytes(request, { most, tooMuch: 'empty', broken: 'fail' })),
    stream: (request) => inItsRegion(request, () => stream(request)),
    signsPrefix: () => manner.signsPrefix(undefined),
    close: async () => connections.close(),
  }
}

const ignore = () => undefined
const isSuccess = (status: number) => status >= 200 && status < 300
const isUpload = (body: RawRequest['body']) => body !== null && typeof body !== 'string'
const isStream = (body: unknown): body is Readable => body instanceof Readable

function subjectOf({ method, bucket, key }: S3Request): CallSubject {
  return { method, bucket: bucket ?? null, key: key ?? null }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function textOf(body: Buffer): string {
  if (body.length === 0) return ''
  try {
    return utf8.decode(body)
  } catch (cause) {
    throw new StorageError('protocol', "The store's answer is not UTF-8", { cause })
  }
}

const asText = ({ bytes, ...answer }: S3Answer & { bytes: Buffer }) => ({ ...answer, text: textOf(bytes) })

function textOrNothing(body: Buffer): string {
  try {
    return textOf(body)
  } catch {
    return ''
  }
}

function withMappedErrors(body: Readable, subject: CallSubject, signal: AbortSignal | undefined): Readable {
  const destroy = body.destroy.bind(body)
  // Before the stream keeps it: who comes to a stream that has failed already reads there what of.
  body.destroy = (error) => destroy(error ? errorOfFailure(subject, error, signal) : error)
  return body.on('error', ignore) // it may fail before its reader is there; the reader still sees the error
}
