// One request whose bytes are an object's: bounded by how long nothing moves, not by how long it takes.
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { pipeline, Readable } from 'node:stream'

/** Milliseconds. */
export type Bounds = {
  /** To open the connection. */
  readonly connectMs: number
  /** Without a byte in either direction, before `onQuiet`. */
  readonly quietMs: number
  /** Without one, `quietMs` among them, before it is given up. Only until the answer begins. */
  readonly silentMs: number
}

export type BoundedRequest = {
  readonly method: 'GET' | 'PUT'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Blob
  readonly signal?: AbortSignal
  readonly onQuiet: () => void
}

/** Who reads an answer may be slow. */
const pauseMs = 60_000

/** Its body is still to be read, as it is stored: fetch would unpack what is stored packed. `silent`: a bound was over. */
export function boundedRequest(asked: BoundedRequest, bounds: Bounds): Promise<IncomingMessage | 'silent' | 'broken'> {
  const { method, url, body, signal, onQuiet } = asked
  const { connectMs, quietMs, silentMs } = bounds
  const { promise, resolve } = Promise.withResolvers<IncomingMessage | 'silent' | 'broken'>()
  const headers = body === undefined ? asked.headers : { ...asked.headers, 'content-length': String(body.size) }
  const client = url.startsWith('https:') ? https : http
  // A connection of its own, so that what is told of its silence is told of this request.
  const request = client.request(url, { method, headers, agent: false, ...(signal === undefined ? {} : { signal }) })
  const giveUp = () => {
    resolve('silent')
    request.destroy()
  }
  request.once('socket', (socket) => {
    const late = setTimeout(giveUp, connectMs)
    for (const end of ['connect', 'close']) socket.once(end, () => clearTimeout(late))
    let isQuiet = false
    socket.setTimeout(quietMs).on('timeout', () => {
      if (isQuiet) return giveUp()
      isQuiet = true
      onQuiet()
      socket.setTimeout(silentMs - quietMs)
    })
  })
  request.once('response', (answer) => {
    answer.socket.removeAllListeners('timeout').setTimeout(pauseMs, () => request.destroy(new Error('silence')))
    resolve(answer)
  })
  request.on('error', () => resolve('broken'))
  if (body === undefined) request.end()
  else pipeline(Readable.from(body.stream()), request, (error) => void (error && resolve('broken')))
  return promise
}
