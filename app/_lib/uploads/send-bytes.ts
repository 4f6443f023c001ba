// One request that sends bytes, with progress: fetch tells none, so this is the older way.

export type SendBytes = {
  readonly method: string
  readonly url: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly body: Blob
  readonly onSent: (bytes: number) => void
  readonly signal: AbortSignal
}
/** `etag` null: the answer has none, or does not show it to other sites' pages. */
export type Sent = { readonly status: number; readonly etag: string | null; readonly text: string }

/** There was no answer. `sent`: bytes that had gone out. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  readonly sent: number

  constructor(sent: number) {
    super('There was no answer')
    this.sent = sent
  }
}

/** Without a byte: a way that lets nothing through shows only by silence. */
const silentMs = 20_000

/** Rejects with a `NoAnswer`, or with the signal's reason. */
export function sendBytes({ method, url, headers, body, onSent, signal }: SendBytes): Promise<Sent> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted() // one that is over tells it no more
    const request = new XMLHttpRequest()
    let sent = 0
    let timer = setTimeout(() => request.abort(), silentMs)
    const moved = () => {
      clearTimeout(timer)
      timer = setTimeout(() => request.abort(), silentMs)
    }
    const cancel = () => request.abort()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', cancel)
    }
    const fail = () => {
      end()
      reject(signal.aborted ? signal.reason : new NoAnswer(sent))
    }
    request.open(method, url)
    for (const { name, value } of headers) request.setRequestHeader(name, value)
    request.upload.addEventListener('progress', (event) => {
      moved()
      sent = event.loaded
      onSent(event.loaded)
    })
    // Stores put a large object's bytes away before they answer.
    request.upload.addEventListener('load', () => clearTimeout(timer))
    request.addEventListener('load', () => {
      end()
      resolve({ status: request.status, etag: request.getResponseHeader('etag'), text: request.responseText })
    })
    request.addEventListener('error', fail)
    request.addEventListener('abort', fail)
    signal.addEventListener('abort', cancel)
    request.send(body)
  })
}
