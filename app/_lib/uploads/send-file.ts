// One file to one object: begun, sent in one piece or in parts, completed. What is there already is not sent again.
import { objectHref } from '../objects.ts'
import type { UploadApi } from './upload-api.ts'
import { SendFailure, type Ways } from './ways.ts'

export type FileToSend = { readonly bucket: string; readonly key: string; readonly file: File }
type Watch = {
  readonly onSent: (bytes: number) => void
  /** It is tried again after a pause; why. */
  readonly onPause?: (problem: string) => void
  readonly signal: AbortSignal
}

const partsAtOnce = 3
/** A network that is gone for a while takes nothing with it. */
const patienceMs = 120_000
const longestPauseMs = 8_000

/** Resolves when FaDO knows the object. Rejects with an Error whose message is for people, or the signal's reason. */
export async function sendFile(api: UploadApi, ways: Ways, to: FileToSend, watch: Watch): Promise<void> {
  const { bucket, key, file } = to
  const contentType = file.type === '' ? 'application/octet-stream' : file.type
  // The same file again goes on where it was cut.
  const idempotencyKey = `console ${file.size} ${file.lastModified}`
  const begin = () => api.begin({ bucket, key, size: file.size, contentType, idempotencyKey })
  const upload = await again(watch, begin)
  const complete = (sent: object) => again(watch, () => api.complete({ id: upload.id, ...sent }))
  if (upload.partSize === null) {
    let { address } = upload
    const etag = await again(watch, async (before) => {
      if (before?.kind === 'stale') address = (await begin()).address
      return ways.send(address, objectHref(bucket, key), contentType, { body: file, ...watch })
    })
    return complete({ etag })
  }
  const { id, partSize } = upload
  const stop = new AbortController()
  const signal = AbortSignal.any([watch.signal, stop.signal])
  const sent = new Map(upload.parts.map(({ number, size }) => [number, size]))
  const etags = new Map(upload.parts.map(({ number, etag }) => [number, etag]))
  const tell = (number: number, bytes: number) => {
    sent.set(number, bytes)
    watch.onSent([...sent.values()].reduce((sum, one) => sum + one, 0))
  }
  const waiting = Array.from({ length: Math.ceil(file.size / partSize) }, (_, i) => i + 1).filter(
    (one) => !etags.has(one),
  )
  const work = async () => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const part = number
      const body = file.slice((part - 1) * partSize, part * partSize)
      const through = `${objectHref(bucket, key)}?${new URLSearchParams({ upload: id, part: String(part) })}`
      const etag = await again({ ...watch, signal }, async () => {
        tell(part, 0)
        const address = await api.part(id, part)
        return ways.send(address, through, contentType, { body, signal, onSent: (bytes) => tell(part, bytes) })
      })
      etags.set(part, etag)
    }
  }
  try {
    await Promise.all(Array.from({ length: partsAtOnce }, work))
  } finally {
    stop.abort() // one that failed ends the others
  }
  await complete({ parts: [...etags].map(([number, etag]) => ({ number, etag })) })
}

/** What may succeed later is tried again, with longer and longer pauses, until it has failed for two minutes. */
export async function again<T>(
  { signal, onPause }: Pick<Watch, 'signal' | 'onPause'>,
  work: (before: SendFailure | undefined) => Promise<T>,
): Promise<T> {
  let before: SendFailure | undefined
  let since = Number.POSITIVE_INFINITY
  for (let wait = 1_000; ; wait = Math.min(longestPauseMs, 2 * wait)) {
    signal.throwIfAborted()
    try {
      return await work(before)
    } catch (error) {
      if (!(error instanceof SendFailure) || error.kind === 'final') throw error
      // A new address was refused, too: it was not too old.
      if (error.kind === 'stale' && before?.kind === 'stale') throw error
      if (performance.now() - since > patienceMs) throw error
      before = error
      since = Math.min(since, performance.now())
      if (error.kind === 'stale') continue
      onPause?.(error.message)
      await pause(wait, signal)
    }
  }
}

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        reject(signal.reason)
      },
      { once: true },
    )
  })
