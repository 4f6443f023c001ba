// One request and its answer: as a whole, or with its bytes still to come.
import { Readable } from 'node:stream'
import { StorageError } from '../storage-error.ts'
import type { Exchange, Patience, Receiver } from './connection.ts'
import type { Connections } from './connections.ts'
import { pieceOf } from './pieces.ts'
import type { WireRequest } from './request-message.ts'

export type BodyLimit = {
  /** Bytes that a body may have. */
  readonly most: number
  /** What becomes of one that has more, and of one that breaks off or does not end in time. */
  readonly tooMuch: 'fail' | 'empty'
  readonly broken: 'fail' | 'empty'
}

type AskOptions = {
  readonly signal: AbortSignal | undefined
  readonly patience: Patience
  /** Milliseconds from the head of a whole answer to its end. */
  readonly endsMs: number
  readonly limitOf: (status: number) => BodyLimit
  /** Of which answers the bytes are handed on as they come. */
  readonly streams: (status: number) => boolean
}

type Answer = {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer | Readable
}

const nothing = Buffer.alloc(0)
/** Bytes of a stream that its reader has not taken yet. */
const ahead = 262_144

const reasonOf = (signal: AbortSignal): Error =>
  signal.reason instanceof Error ? signal.reason : new DOMException('It was aborted', 'AbortError')

/** Rejects with what Node says, the signal's reason, a TimeoutError, NotHttp, or a StorageError where the body is too large. */
export function ask(
  connections: Connections,
  origin: string,
  request: WireRequest,
  { signal, patience, endsMs, limitOf, streams }: AskOptions,
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    if (signal?.aborted) return reject(reasonOf(signal))
    let told: Omit<Answer, 'body'> | undefined
    let limit: BodyLimit = { most: 0, tooMuch: 'fail', broken: 'fail' }
    let stream: Readable | undefined
    let chunks: Buffer[] = []
    let size = 0
    const onAbort = () => exchange?.abort(reasonOf(signal as AbortSignal))
    const letGo = () => signal?.removeEventListener('abort', onAbort)

    const to: Receiver = {
      head({ status, headers }) {
        told = { status, headers }
        if (!streams(status)) {
          limit = limitOf(status)
          return endsMs
        }
        const broke = () => exchange?.abort(new DOMException('It was let go', 'AbortError'))
        stream = new Readable({
          highWaterMark: ahead,
          read: () => exchange?.more(),
          destroy(error, done) {
            broke()
            done(error)
          },
        })
        resolve({ ...told, body: stream })
        return Number.POSITIVE_INFINITY
      },
      data(bytes) {
        if (stream !== undefined) return stream.push(pieceOf(bytes))
        size += bytes.length
        if (size <= limit.most) chunks.push(Buffer.from(bytes))
        else tooMuch()
        return true
      },
      end() {
        letGo()
        if (stream !== undefined) stream.push(null)
        else if (told !== undefined)
          resolve({ ...told, body: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size) })
      },
      fail(error) {
        letGo()
        if (stream !== undefined) stream.destroy(error)
        else if (told !== undefined && limit.broken === 'empty' && !signal?.aborted) resolve({ ...told, body: nothing })
        else reject(error)
      },
    }
    function tooMuch(): void {
      chunks = []
      limit = { ...limit, broken: limit.tooMuch }
      exchange?.abort(new StorageError('protocol', `The store's answer has more than ${limit.most} bytes`))
    }

    let exchange: Exchange | undefined
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      exchange = connections.send(origin, request, to, patience)
    } catch (error) {
      letGo()
      reject(error as Error)
    }
  })
}
