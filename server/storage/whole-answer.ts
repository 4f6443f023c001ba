// A request whose answer is taken as a whole. Undici's own way to that is a stream for each answer, which costs as much as all else
// of a small call.
import type { Dispatcher } from 'undici'
import { createDeadline } from './deadline.ts'
import { StorageError } from './storage-error.ts'

export type WholeAnswer = {
  readonly status: number
  /** As undici tells them: repeated ones are lists. */
  readonly headers: Dispatcher.ResponseData['headers']
  readonly body: Buffer
}

export type BodyLimit = {
  /** Bytes that a body may have. */
  readonly most: number
  /** What becomes of one that has more, and of one that breaks off or does not end in time. */
  readonly tooMuch: 'fail' | 'empty'
  readonly broken: 'fail' | 'empty'
}

export type AnswerLimits = {
  readonly signal: AbortSignal | undefined
  /** Milliseconds until the answer begins; null: as undici's own `headersTimeout` says. */
  readonly beginsMs: number | null
  /** And from there to its end. */
  readonly endsMs: number
  readonly bodyOf: (status: number) => BodyLimit
}

/** Rejects with what undici says, the signal's reason, a TimeoutError, or a StorageError where the body is too large. */
export async function wholeAnswer(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { signal, beginsMs, endsMs, bodyOf }: AnswerLimits,
): Promise<WholeAnswer> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<WholeAnswer>()
  const chunks: Buffer[] = []
  let size = 0
  let head: Omit<WholeAnswer, 'body'> | undefined
  let limits: BodyLimit = { most: 0, tooMuch: 'fail', broken: 'fail' }
  let controller: Dispatcher.DispatchController | undefined
  let over: Error | undefined

  function end(error: Error, body: 'fail' | 'empty'): void {
    deadline.clear()
    if (head !== undefined && body === 'empty' && !signal?.aborted) resolve({ ...head, body: Buffer.alloc(0) })
    else reject(error)
  }
  function abort(error: Error, body = limits.broken): void {
    over ??= error
    end(over, body)
    controller?.abort(over)
  }
  const deadline = createDeadline(signal, (reason) => abort(reason))
  if (beginsMs !== null) deadline.set(beginsMs)
  dispatcher.dispatch(request, {
    onRequestStart(started) {
      controller = started
      if (over !== undefined) started.abort(over)
    },
    onResponseStart(_, status, headers) {
      if (status < 200) return // one that only says to go on
      head = { status, headers }
      limits = bodyOf(status)
      deadline.set(endsMs)
    },
    onResponseData(_, chunk) {
      size += chunk.length
      if (size <= limits.most) chunks.push(chunk)
      else abort(new StorageError('protocol', `The store's answer has more than ${limits.most} bytes`), limits.tooMuch)
    },
    onResponseEnd() {
      deadline.clear()
      const [first] = chunks
      if (head !== undefined)
        resolve({ ...head, body: chunks.length === 1 && first ? first : Buffer.concat(chunks, size) })
    },
    onResponseError: (_, error) => end(error, limits.broken),
  })
  return promise
}
