import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AnswerHead, NotHttp } from '../../../../../server/storage/wire/answer-head.ts'
import { createAnswerReader } from '../../../../../server/storage/wire/answer-reader.ts'

type Heard = { readonly status: number; readonly body: string; readonly ended: 'kept' | 'not kept' | 'not' }

/** Reads an answer in these pieces; `closed`: and then the connection ended. */
function hear(pieces: readonly Buffer[], { method = 'GET', closed = false } = {}) {
  const heads: AnswerHead[] = []
  const chunks: Buffer[] = []
  let ended: Heard['ended'] = 'not'
  const reader = createAnswerReader()
  reader.begin(method, {
    head: (head) => void heads.push(head),
    data: (bytes) => void chunks.push(Buffer.from(bytes)),
    end(keeps) {
      expect(ended).toBe('not')
      ended = keeps ? 'kept' : 'not kept'
    },
  })
  for (const piece of pieces) reader.read(piece)
  const whole = closed ? reader.close() : null
  expect(heads.length).toBeLessThanOrEqual(1)
  return { head: heads[0], body: Buffer.concat(chunks).toString('latin1'), ended, whole }
}

/** `\n` stands for HTTP's end of a line, `↓` for a line feed alone. */
const answer = (text: string) => Buffer.from(text.replaceAll('\n', '\r\n').replaceAll('↓', '\n'), 'latin1')
const ok = 'HTTP/1.1 200 OK\n'

/** One of each kind, with what is to be heard of it. */
const answers: readonly (readonly [string, string, Heard])[] = [
  ['of a length', `${ok}content-length: 5\n\nhello`, { status: 200, body: 'hello', ended: 'kept' }],
  ['of no length', `${ok}Content-Length: 0\n\n`, { status: 200, body: '', ended: 'kept' }],
  [
    'in chunks',
    `${ok}transfer-encoding: chunked\n\n5;a=b\nhello\n1\n!\n0\n\n`,
    { status: 200, body: 'hello!', ended: 'kept' },
  ],
  ['with trailers', `${ok}transfer-encoding: chunked\n\n0\na: b\nc: d\n\n`, { status: 200, body: '', ended: 'kept' }],
  ['without a body', 'HTTP/1.1 204 \n\n', { status: 204, body: '', ended: 'kept' }],
  [
    'after others',
    `HTTP/1.1 100 Continue\n\nHTTP/1.1 103 x\na: b\n\n${ok}content-length: 1\n\nx`,
    { status: 200, body: 'x', ended: 'kept' },
  ],
  ['that is the last', `${ok}Connection: Close\ncontent-length: 1\n\nx`, { status: 200, body: 'x', ended: 'not kept' }],
  ['of HTTP/1.0', 'HTTP/1.0 200 OK\ncontent-length: 1\n\nx', { status: 200, body: 'x', ended: 'not kept' }],
]

describe('an answer', () => {
  test.each(answers)('%s is heard alike, however it is cut', (_, text, heard) => {
    const bytes = answer(text)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length]
        const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
        const { head, body, ended } = hear(pieces)
        expect({ status: head?.status, body, ended }).toEqual(heard)
      }),
    )
  })

  test('byte by byte', () => {
    for (const [, text, heard] of answers) {
      const bytes = answer(text)
      const { head, body, ended } = hear(Array.from(bytes, (byte) => Buffer.of(byte)))
      expect({ status: head?.status, body, ended }).toEqual(heard)
    }
  })

  test('to a HEAD has a length and no body', () => {
    expect(hear([answer(`${ok}content-length: 5\n\n`)], { method: 'HEAD' })).toMatchObject({ body: '', ended: 'kept' })
  })

  test('without a length ends with its connection', () => {
    const text = `${ok}a: b\n\nhello`
    expect(hear([answer(text)])).toMatchObject({ body: 'hello', ended: 'not' })
    expect(hear([answer(text)], { closed: true })).toMatchObject({ body: 'hello', ended: 'not kept', whole: true })
  })

  test('that breaks off anywhere is not whole', () => {
    for (const [, text, { ended }] of answers) {
      const bytes = answer(text)
      for (let at = 0; at < bytes.length; at++)
        expect(hear([bytes.subarray(0, at)], { closed: true })).toMatchObject({ whole: false, ended: 'not' })
      expect(hear([bytes], { closed: true })).toMatchObject({ whole: true, ended })
    }
  })

  test('has its headers as octets, by lower-case names', () => {
    const { head } = hear([
      answer(
        `${ok}ETag: "a"\nX-Amz-Meta-A:  \xe4 b \nx-amz-meta-a: c\nserver: one\nServer: two\nempty:\ncontent-length: 0\n\n`,
      ),
    ])
    expect(Object.fromEntries(head?.headers ?? [])).toEqual({
      etag: '"a"',
      'x-amz-meta-a': '\xe4 b,c',
      server: 'one',
      empty: '',
      'content-length': '0',
    })
  })
})

describe('what is no answer is told as that:', () => {
  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\n\n'],
    ['HTTP/2', 'HTTP/2 200 OK\n\n'],
    ['no status', 'HTTP/1.1 2000 OK\n\n'],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\nupgrade: h2c\n\n'],
    ['a line that is no header', `${ok}hello\n\n`],
    ['a name with a blank', `${ok}content-length : 5\n\nhello`],
    ['a header that goes on', `${ok}a: b\n c: d\n\n`],
    ['a line feed alone', `${ok}a: b↓c: d\n\n`],
    ['two lengths', `${ok}content-length: 5\ncontent-length: 6\n\nhello`],
    ['a length in words', `${ok}content-length: five\n\nhello`],
    ['a length below nothing', `${ok}content-length: -5\n\nhello`],
    ['a length and chunks', `${ok}content-length: 5\ntransfer-encoding: chunked\n\n0\n\n`],
    ['another coding', `${ok}transfer-encoding: gzip, chunked\n\n`],
    ['a chunk without a length', `${ok}transfer-encoding: chunked\n\nhello\n`],
    ['a chunk that is longer than it says', `${ok}transfer-encoding: chunked\n\n1\nhello\n`],
    ['more than was asked for', `${ok}content-length: 5\n\nhello, you`],
    ['a head without an end', `${ok}${'a: b\n'.repeat(5_000)}`],
    ['trailers without an end', `${ok}transfer-encoding: chunked\n\n0\n${'a: b\n'.repeat(5_000)}`],
  ])('%s', (_, text) => {
    expect(() => hear([answer(text)])).toThrow(NotHttp)
  })

  test('bytes that nobody asked for', () => {
    expect(() => createAnswerReader().read(Buffer.of(1))).toThrow(NotHttp)
  })
})
