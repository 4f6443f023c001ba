// One connection of HTTP/1.1 that carries one exchange after the other. The bytes of an answer are handed on as they come, out of
// a buffer that all connections share: a stream for each answer costs more than all else of a small call.
import net from 'node:net'
import type { Readable } from 'node:stream'
import tls, { type SecureContext } from 'node:tls'
import { lookupHost } from '../../host-addresses.ts'
import type { AnswerHead } from './answer-head.ts'
import { createAnswerReader } from './answer-reader.ts'
import { giveBack, pieceBytes } from './pieces.ts'
import type { RequestMessage } from './request-message.ts'

export type Origin = {
  readonly host: string
  readonly port: number
  /** Null: without TLS. */
  readonly tls: { readonly context: SecureContext; readonly rejectUnauthorized: boolean } | null
}

/** What comes of an exchange: a head, then bytes, then either an end or a failure; after these nothing. */
export type Receiver = {
  /** Answers how many milliseconds the rest may take, whatever moves meanwhile. */
  head(head: AnswerHead): number
  /** The bytes are another's once this returns. False: no more until `more()`. */
  data(bytes: Buffer): boolean
  end(): void
  /** `unheard`: a connection that was kept ended before it brought anything, maybe before the request reached the other side. */
  fail(error: Error, unheard: boolean): void
}

/** Milliseconds. */
export type Patience = {
  /** Until the answer begins, from the last byte on that the other side has taken. */
  readonly silence: number
  /** Between the bytes of an answer. */
  readonly pause: number
  /** Until the answer begins, whatever moves meanwhile. */
  readonly begins: number
}

export type Exchange = {
  /** Goes on with an answer whose receiver had enough. */
  more(): void
  /** The receiver is told of it, unless all has ended. */
  abort(error: Error): void
}

export type Connection = {
  /** Only while `isFree`. */
  send(request: RequestMessage, to: Receiver, patience: Patience): Exchange
  isFree(): boolean
  /** It has carried nothing yet. */
  isNew(): boolean
  /** Ends it when the patience is over, by `performance.now()`. */
  look(now: number): void
  /** What is under way fails. */
  destroy(error: Error): void
}

export type ConnectionEvents = {
  /** It may carry another exchange. */
  free(connection: Connection): void
  closed(connection: Connection): void
}

type OpenOptions = {
  readonly connectMs: number
  readonly keepAliveMs: number
  /** To go on with a session of TLS. */
  readonly session: Buffer | undefined
  readonly onSession: (session: Buffer) => void
}

/** With the codes of Node's own errors. */
const failure = (code: string, message: string) => Object.assign(new Error(message), { code })
const never = Number.POSITIVE_INFINITY
const cut = () => failure('ECONNRESET', 'the other side ended the connection')
const timeOver = (message: string) => new DOMException(message, 'TimeoutError')

/** What is read here is used before the next read, whoever's it is. */
const shared = Buffer.allocUnsafe(pieceBytes)
/** A body of so many bytes goes in one write with its head. */
const smallBody = 16_384

export function openConnection(origin: Origin, options: OpenOptions, events: ConnectionEvents): Connection {
  const reader = createAnswerReader()
  let receiver: Receiver | null = null
  let patience: Patience = { silence: 0, pause: 0, begins: 0 }
  let body: Readable | null = null
  let connected = false
  /** Exchanges before this one. */
  let before = 0
  let heard = false
  let answered = false
  let paused = false
  /** By `performance.now()`: until then the other side may be silent, and the exchange may take. */
  let silentUntil = performance.now() + options.connectMs
  let over = never

  const socket = origin.tls === null ? plain(origin, take) : secured(origin, origin.tls, take, options)
  socket.setKeepAlive(true, options.keepAliveMs)

  function wait(ms: number): void {
    silentUntil = performance.now() + ms
  }

  function resume(): void {
    paused = false
    socket.resume()
  }

  function fail(error: Error): void {
    const to = receiver
    receiver = null
    letGo()
    socket.destroy()
    to?.fail(error, before > 0 && !heard)
  }

  function letGo(): void {
    const sending = body
    body = null
    silentUntil = never
    over = receiver === null ? never : over
    sending?.off('data', sendChunk).off('end', sentAll).off('error', fail).off('close', brokeOff)
  }

  function ended(keeps: boolean): void {
    const to = receiver
    // An answer before the request was read: what is left of it would be taken for the next one.
    const whole = body === null
    receiver = null
    before++
    letGo()
    if (paused) resume()
    if (keeps && whole && !socket.destroyed) {
      socket.unref()
      events.free(connection)
    } else socket.destroy()
    to?.end()
  }

  const sink = {
    head(head: AnswerHead) {
      answered = true
      wait(patience.pause)
      const ms = receiver?.head(head) ?? never
      over = performance.now() + ms
    },
    data(bytes: Buffer) {
      if (receiver === null || receiver.data(bytes)) return
      paused = true
      silentUntil = never
      socket.pause()
    },
    end: ended,
  }

  /** False: no more for now. */
  function take(bytes: Buffer): boolean {
    heard = true
    if (answered) wait(patience.pause)
    try {
      reader.read(bytes)
    } catch (error) {
      fail(error as Error)
    }
    return !paused
  }

  let expected = 0
  let sent = 0
  function sendChunk(chunk: Uint8Array): void {
    sent += chunk.length
    if (sent > expected) fail(mismatch())
    else if (!socket.write(chunk, (error) => void (error || giveBack(chunk)))) {
      body?.pause()
      wait(patience.silence)
    }
  }
  const mismatch = () => failure('ERR_HTTP_CONTENT_LENGTH_MISMATCH', `${sent} bytes of a body of ${expected}`)
  function sentAll(): void {
    if (sent === expected) {
      letGo()
      wait(answered ? patience.pause : patience.silence)
    } else fail(mismatch())
  }
  function brokeOff(): void {
    fail(failure('ERR_STREAM_PREMATURE_CLOSE', 'the body broke off'))
  }

  function sendStream(stream: Readable, length: number): void {
    body = stream
    expected = length
    sent = 0
    silentUntil = connected ? never : silentUntil
    if (stream.errored !== null) fail(stream.errored)
    else if (stream.readableEnded) sentAll()
    else if (stream.destroyed) brokeOff()
    else stream.on('data', sendChunk).on('end', sentAll).on('error', fail).on('close', brokeOff).resume()
  }

  socket
    .on(origin.tls === null ? 'connect' : 'secureConnect', () => {
      connected = true
      if (receiver === null || body !== null) silentUntil = never
      else wait(patience.silence)
    })
    .on('drain', () => {
      if (body === null) return
      silentUntil = never
      body.resume()
    })
    .on('end', () => {
      if (reader.close()) socket.destroy()
      else fail(cut())
    })
    .on('error', fail)
    .on('close', () => {
      if (receiver !== null) fail(cut())
      events.closed(connection)
    })

  const connection: Connection = {
    send({ method, head, body: content, length }, to, limits) {
      receiver = to
      patience = limits
      heard = false
      answered = false
      over = performance.now() + limits.begins
      reader.begin(method, sink)
      socket.ref()
      if (connected) wait(limits.silence)
      if (content instanceof Uint8Array && content.length <= smallBody) socket.write(inOne(head, content))
      else {
        socket.write(head, 'latin1')
        if (content instanceof Uint8Array) socket.write(content)
        else if (content !== null) sendStream(content, length)
      }
      return {
        more() {
          if (receiver !== to || !paused) return
          wait(patience.pause)
          resume()
        },
        abort(error) {
          if (receiver === to) fail(error)
        },
      }
    },
    isFree: () => receiver === null && !socket.destroyed,
    isNew: () => before === 0,
    look(now) {
      if (now >= over) fail(timeOver('the time is over'))
      if (now < silentUntil) return
      fail(connected ? timeOver('the other side is silent') : failure('ETIMEDOUT', 'no connection in time'))
    },
    destroy: fail,
  }
  return connection
}

function plain({ host, port }: Origin, take: (bytes: Buffer) => boolean): net.Socket {
  const callback = (size: number, bytes: Uint8Array) => take(bytes.subarray(0, size) as Buffer)
  return net.connect({ host, port, lookup: lookupHost, noDelay: true, onread: { buffer: shared, callback } })
}

function secured(
  { host, port }: Origin,
  { context, rejectUnauthorized }: NonNullable<Origin['tls']>,
  take: (bytes: Buffer) => boolean,
  { session, onSession }: OpenOptions,
): net.Socket {
  const way = { host, port, lookup: lookupHost, session }
  const options = { ...way, secureContext: context, rejectUnauthorized, ALPNProtocols: ['http/1.1'] }
  const name = net.isIP(host) === 0 ? { servername: host } : {}
  const socket = tls.connect({ ...options, ...name }).setNoDelay(true)
  return socket.on('session', onSession).on('data', (bytes: Buffer) => void take(bytes))
}

function inOne(head: string, body: Uint8Array): Buffer {
  const all = Buffer.allocUnsafe(head.length + body.length)
  all.write(head, 'latin1')
  all.set(body, head.length)
  return all
}
