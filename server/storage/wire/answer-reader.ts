// Reads answers out of the bytes of a connection, however they are cut. Knows no socket and no time.
import { type AnswerHead, answerHead, NotHttp } from './answer-head.ts'

export type AnswerSink = {
  head(head: AnswerHead): void
  /** The bytes are another's once this returns. */
  data(bytes: Buffer): void
  /** `keeps`: the connection may carry another exchange. */
  end(keeps: boolean): void
}

export type AnswerReader = {
  /** The next bytes belong to the answer to this. */
  begin(method: string, sink: AnswerSink): void
  /** Throws NotHttp. */
  read(bytes: Buffer): void
  /** No more bytes come; false: the answer was not whole. */
  close(): boolean
}

/** As Node has it: S3 lets an object have 2 KB of metadata. */
const mostInHead = 16_384
const mostInLine = 256
const endOfHead = Buffer.from('\r\n\r\n')
const lineFeed = 10
const carriageReturn = 13

/** `chunk`: its bytes; `chunk-line`: how long the next is; `chunk-end`: the line break behind it; `trailers`: what comes last. */
type Place = 'nothing' | 'head' | 'body' | 'until-close' | 'chunk-line' | 'chunk' | 'chunk-end' | 'trailers'

export function createAnswerReader(): AnswerReader {
  let place: Place = 'nothing'
  let method = ''
  let sink: AnswerSink | undefined
  let keeps = false
  /** Bytes of the body or chunk that are still to come. */
  let left = 0
  /** The beginning of a head or line, whose end has not come. */
  let begun: Buffer | null = null
  let trailers = 0

  function end(): void {
    place = 'nothing'
    sink?.end(keeps)
  }

  /** Each of these takes from `bytes` at `at` and says where it stopped. */
  function readHead(bytes: Buffer, at: number): number {
    const all: Buffer = begun === null ? bytes.subarray(at) : Buffer.concat([begun, bytes.subarray(at)])
    const found = all.indexOf(endOfHead)
    if (found < 0) {
      if (all.length > mostInHead) throw new NotHttp('a head without an end')
      begun = Buffer.from(all)
      return bytes.length
    }
    if (found > mostInHead) throw new NotHttp('a head that is too long')
    const rest = all.length - found - endOfHead.length
    begun = null
    const head = answerHead(method, all.toString('latin1', 0, found))
    if (head.status === 101) throw new NotHttp('another protocol')
    if (head.status >= 200) began(head) // else it only says that it goes on
    return bytes.length - rest
  }

  function began(head: AnswerHead): void {
    keeps = head.keeps
    place = head.body === 'chunked' ? 'chunk-line' : head.body === 'until-close' ? 'until-close' : 'body'
    left = typeof head.body === 'number' ? head.body : 0
    sink?.head(head)
    if (place === 'body' && left === 0) end()
  }

  function readBody(bytes: Buffer, at: number): number {
    const to = Math.min(bytes.length, at + left)
    left -= to - at
    sink?.data(bytes.subarray(at, to))
    if (left === 0) {
      if (place === 'body') end()
      else place = 'chunk-end'
    }
    return to
  }

  /** Hands the line to `use` when it has come, without its end. */
  function readLine(bytes: Buffer, at: number, most: number, use: (line: string) => void): number {
    const found = bytes.indexOf(lineFeed, at)
    const to = found < 0 ? bytes.length : found + 1
    const all: Buffer = begun === null ? bytes.subarray(at, to) : Buffer.concat([begun, bytes.subarray(at, to)])
    if (all.length > most) throw new NotHttp('a line without an end')
    if (found < 0) {
      begun = Buffer.from(all)
      return to
    }
    begun = null
    if (all.at(-2) !== carriageReturn) throw new NotHttp('a line that ends in another way')
    use(all.toString('latin1', 0, all.length - 2))
    return to
  }

  function chunkLine(line: string): void {
    const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line)?.[1]
    if (size === undefined) throw new NotHttp('no length of a chunk')
    left = Number.parseInt(size, 16)
    trailers = 0
    place = left === 0 ? 'trailers' : 'chunk'
  }

  function chunkEnd(line: string): void {
    if (line !== '') throw new NotHttp('a chunk that is longer than it says')
    place = 'chunk-line'
  }

  function trailer(line: string): void {
    trailers += line.length
    if (line === '') end()
    else if (trailers > mostInHead) throw new NotHttp('trailers without an end')
  }

  function step(bytes: Buffer, at: number): number {
    switch (place) {
      case 'nothing':
        throw new NotHttp('more than was asked for')
      case 'head':
        return readHead(bytes, at)
      case 'body':
      case 'chunk':
        return readBody(bytes, at)
      case 'until-close':
        sink?.data(bytes.subarray(at))
        return bytes.length
      case 'chunk-line':
        return readLine(bytes, at, mostInLine, chunkLine)
      case 'chunk-end':
        return readLine(bytes, at, 2, chunkEnd)
      case 'trailers':
        return readLine(bytes, at, mostInHead, trailer)
    }
  }

  return {
    begin(asked, to) {
      method = asked
      sink = to
      place = 'head'
      begun = null
    },
    read(bytes) {
      for (let at = 0; at < bytes.length; ) at = step(bytes, at)
    },
    close() {
      if (place === 'until-close') end()
      return place === 'nothing'
    },
  }
}
