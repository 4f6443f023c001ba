// One request, one answer, over a pool of connections: signs, limits time and size, and turns every failure into a
// StorageError. Knows HTTP and S3's signature, but none of S3's calls.
import type { Readable } from 'node:stream'
import { type Dispatcher, Pool } from 'undici'
import { hasOddSpaces, oddValue, type Spaces } from './canonical-spaces.ts'
import { type CallSubject, errorOfAnswer, errorOfFailure } from './map-error.ts'
import { objectPath, queryString } from './object-path.ts'
import { isSigned, type RequestSigner, sha256, unsignedPayload } from './sign-request.ts'
import type { StorageTimeouts } from './storage-driver.ts'
import { StorageError } from './storage-error.ts'
import { trustedContext } from './trusted-context.ts'

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
  /** The answer with its body still to be read, whose errors are StorageErrors too. Rejects unless the status is 2xx. */
  stream(request: S3Request): Promise<S3Answer & { readonly body: Readable }>
  close(): Promise<void>
}

/** A page of 1 000 keys of 1 024 octets, each percent-encoded, has 3.5 MB. */
const maxAnswerBytes = 10_000_000
const maxErrorBytes = 100_000
/** Where an answer may take minutes the system asks meanwhile whether the path is there. */
const keepAliveMs = 5_000
/** Need not exist: any answer to it shows that the store is there. */
export const pingBucket = 'fado-ping'
const emptySha256 = sha256('')

export type S3ClientOptions = {
  readonly endpoint: URL
  readonly signer: RequestSigner
  readonly timeouts: StorageTimeouts
}

export function createS3Client({ endpoint, signer, timeouts }: S3ClientOptions): S3Client {
  // As many connections as there are calls: a copy holds one while it asks for another, so a limit could stop them all.
  // Who calls bounds what is under way.
  const pool = new Pool(endpoint.origin, {
    allowH2: false,
    headersTimeout: timeouts.idleMs,
    bodyTimeout: timeouts.idleMs,
    connect: {
      timeout: timeouts.connectMs,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveMs,
      ...(endpoint.protocol === 'https:' ? { secureContext: trustedContext() } : {}),
    },
  })

  let spacesKnown: Promise<Spaces> | undefined

  /** How this store reads odd spaces, asked once, when the first value with one is to be sent. */
  function spacesOf(signal: AbortSignal | undefined): Promise<Spaces> {
    spacesKnown ??= askSpaces(signal).catch((error: unknown) => {
      spacesKnown = undefined
      throw error
    })
    return spacesKnown
  }

  /** No matter what it answers, as long as it takes the signature. */
  async function askSpaces(signal: AbortSignal | undefined): Promise<Spaces> {
    const request = { method: 'GET', bucket: pingBucket, query: { location: '' }, signal } as const
    const takes = (asked: S3Request, spaces: Spaces) =>
      guarded(asked, subjectOf(asked), async (deadline) => whole(await toRaw(asked, spaces), deadline)).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof StorageError) || error.status === null) throw error
          return error.kind !== 'signature'
        },
      )
    const odd = { ...request, headers: { 'x-amz-meta-fado': oddValue } }
    for (const spaces of ['unicode', 'blanks'] as const) if (await takes(odd, spaces)) return spaces
    return 'unicode' // what it refuses is then said of the object, or of the key when all is refused
  }

  async function toRaw(request: S3Request, asked?: Spaces): Promise<RawRequest> {
    const { query = {}, headers = {}, body = null, size, silenceMs, accepts, signal } = request
    const subject = subjectOf(request)
    const { method, bucket, key } = subject
    const path = objectPath(bucket, key)
    const search = queryString(query)
    const payload = body === null ? emptySha256 : typeof body === 'string' ? sha256(body) : unsignedPayload
    const spaces = asked ?? (oddHeader(headers) === null ? 'unicode' : await spacesOf(signal))
    const signed = await signer.sign({ method, endpoint, path, query, headers }, payload, spaces)
    const length = size === undefined ? {} : { 'content-length': String(size) }
    return {
      subject,
      path: search === '' ? path : `${path}?${search}`,
      headers: { ...signed, ...length },
      body,
      ...(silenceMs === undefined ? {} : { silenceMs }),
      ...(accepts === undefined ? {} : { accepts }),
      signal,
    }
  }

  function send(request: RawRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { subject, path, headers, body, silenceMs = timeouts.idleMs } = request
    const method = subject.method as Dispatcher.HttpMethod
    // Without `reset: false` undici closes the connection after each HEAD.
    return pool.request({ method, path, headers, body, signal, reset: false, headersTimeout: silenceMs })
  }

  /** Runs `work` under the caller's signal and a deadline that it sets; maps what it throws and lets go of the body. */
  async function guarded<T>(request: S3Request | RawRequest, subject: CallSubject, work: Work<T>): Promise<T> {
    const { body, signal } = request
    // A source that fails while nobody reads it yet would end the process.
    if (isStream(body)) body.on('error', ignore)
    const deadline = createDeadline(signal)
    try {
      return await work(deadline)
    } catch (failure) {
      deadline.clear()
      throw errorOfFailure(subject, failure, signal)
    } finally {
      if (isStream(body) && !body.readableEnded) body.destroy()
    }
  }

  async function whole(raw: RawRequest, deadline: Deadline): Promise<S3Answer & { text: string }> {
    // An upload takes as long as its bytes keep moving.
    if (!isUpload(raw.body)) deadline.set(Math.max(timeouts.answerMs, raw.silenceMs ?? 0))
    const response = await send(raw, deadline.signal)
    deadline.set(timeouts.answerMs)
    const accepts = raw.accepts ?? isSuccess
    if (!accepts(response.statusCode)) throw await refusal(raw.subject, response)
    const text = await readText(response.body, maxAnswerBytes)
    deadline.clear()
    return { status: response.statusCode, headers: headersOf(response), text }
  }

  return {
    callRaw: (raw) => guarded(raw, raw.subject, (deadline) => whole(raw, deadline)),
    call: (request) =>
      guarded(request, subjectOf(request), async (deadline) => whole(await toRaw(request), deadline)).catch(
        blameHeader(request),
      ),
    stream(request) {
      const subject = subjectOf(request)
      return guarded(request, subject, async (deadline) => {
        const raw = await toRaw(request)
        deadline.set(timeouts.answerMs)
        const response = await send(raw, deadline.signal)
        if (!isSuccess(response.statusCode)) throw await refusal(subject, response)
        deadline.stop()
        const body = withMappedErrors(response.body, subject, request.signal).once('close', deadline.clear)
        return { status: response.statusCode, headers: headersOf(response), body }
      })
    },
    close: () => pool.destroy(),
  }
}

/** Name of a signed header whose value stores may read in different ways; null when there is none. */
function oddHeader(headers: Readonly<Record<string, string>>): string | null {
  return Object.keys(headers).find((name) => isSigned(name) && hasOddSpaces(headers[name] ?? '')) ?? null
}

/** A signature that is refused with such a header says nothing of the key: the header's object cannot be sent. */
function blameHeader({ headers = {} }: S3Request): (error: unknown) => never {
  return (error) => {
    const header = oddHeader(headers)
    if (header === null || !(error instanceof StorageError) || error.kind !== 'signature') throw error
    const message = `The store does not take the white space in ${header} as FaDO signs it`
    throw new StorageError('bad-metadata', message, { code: error.code, status: error.status, cause: error })
  }
}

type Work<T> = (deadline: Deadline) => Promise<T>
const ignore = () => undefined
const isSuccess = (status: number) => status >= 200 && status < 300
const isUpload = (body: RawRequest['body']) => body !== null && typeof body !== 'string'
const isStream = (body: unknown): body is Readable => typeof body === 'object' && body !== null && 'destroy' in body

function subjectOf({ method, bucket, key }: S3Request): CallSubject {
  return { method, bucket: bucket ?? null, key: key ?? null }
}

/** Repeated x-amz-meta-* belong together (RFC 9110, 5.3); of all others only the first counts. */
function headersOf({ headers }: Dispatcher.ResponseData): Map<string, string> {
  const plain = new Map<string, string>()
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? (name.startsWith('x-amz-meta-') ? value.join(',') : value[0]) : value
    if (first !== undefined) plain.set(name, first)
  }
  return plain
}

async function refusal(subject: CallSubject, response: Dispatcher.ResponseData): Promise<StorageError> {
  const text = await readText(response.body, maxErrorBytes).catch(() => '')
  return errorOfAnswer(subject, { status: response.statusCode, headers: headersOf(response), text })
}

async function readText(body: Readable, limit: number): Promise<string> {
  body.on('error', ignore) // leaving the loop early destroys the stream with an error that nobody waits for
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limit) throw new StorageError('protocol', `The store's answer has more than ${limit} bytes`)
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks, size))
  } catch (cause) {
    throw new StorageError('protocol', "The store's answer is not UTF-8", { cause })
  }
}

function withMappedErrors(body: Readable, subject: CallSubject, signal: AbortSignal | undefined): Readable {
  const destroy = body._destroy.bind(body)
  body._destroy = (error, callback) =>
    destroy(error, (failure) => callback(failure ? errorOfFailure(subject, failure, signal) : null))
  return body.on('error', ignore) // it may fail before its reader is there; the reader still sees the error
}

type Deadline = {
  readonly signal: AbortSignal
  /** From now on, instead of what was set before. */
  set(ms: number): void
  /** No time limit any more. */
  stop(): void
  /** No time limit any more, and the caller's signal is let go. */
  clear(): void
}

/** Follows the caller's signal until it is cleared, and aborts with a TimeoutError when the time that was set is over. */
function createDeadline(outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  const forward = () => controller.abort(outer?.reason)
  if (outer?.aborted) forward()
  outer?.addEventListener('abort', forward, { once: true })
  let timer: NodeJS.Timeout | undefined
  const stop = () => clearTimeout(timer)
  const clear = () => {
    stop()
    outer?.removeEventListener('abort', forward)
  }
  const set = (ms: number) => {
    stop()
    timer = setTimeout(() => controller.abort(new DOMException('The time is over', 'TimeoutError')), ms)
  }
  return { signal: controller.signal, set, stop, clear }
}
