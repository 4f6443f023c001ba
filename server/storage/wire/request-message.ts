// A request as it goes over the wire.
import type { Readable } from 'node:stream'

export type WireRequest = {
  readonly method: string
  /** Path with query, encoded. */
  readonly path: string
  /** Lower-case names; values are octets as latin1. */
  readonly headers: Readonly<Record<string, string>>
  /** Of a stream `content-length` is among the headers. */
  readonly body: Readable | Uint8Array | string | null
}

export type RequestMessage = {
  readonly method: string
  /** To be written as latin1, with the empty line at its end. */
  readonly head: string
  readonly body: Readable | Uint8Array | null
  /** Of the body, in bytes. */
  readonly length: number
}

const unsendable = /[\r\n\0]|[^\0-\xff]/
const withBody: ReadonlySet<string> = new Set(['PUT', 'POST'])

const failure = (code: string, message: string) => Object.assign(new Error(message), { code })

/** `origin`: scheme, name and port. Throws, with the codes of Node's own errors, what cannot be sent. */
export function requestMessage(origin: string, { method, path, headers, body: content }: WireRequest): RequestMessage {
  const body = typeof content === 'string' ? Buffer.from(content) : content
  const announced = headers['content-length']
  const length = announced === undefined && body instanceof Uint8Array ? body.length : Number(announced ?? 0)
  if (body instanceof Uint8Array && body.length !== length)
    throw failure('ERR_HTTP_CONTENT_LENGTH_MISMATCH', `${body.length} bytes of a body of ${length}`)
  let head = `${method} ${path} HTTP/1.1\r\n`
  if (headers['host'] === undefined) head += `host: ${new URL(origin).host}\r\n`
  for (const [name, value] of Object.entries(headers)) {
    if (unsendable.test(value)) throw failure('ERR_INVALID_CHAR', `the header ${name} cannot have this value`)
    head += `${name}: ${value}\r\n`
  }
  if (announced === undefined && (body !== null || withBody.has(method))) head += `content-length: ${length}\r\n`
  return { method, head: `${head}\r\n`, body, length }
}
