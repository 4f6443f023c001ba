// The head of an answer, as RFC 9112 writes it. Strict: where two readers could see two things there is none.

export type AnswerHead = {
  readonly status: number
  /** Lower-case names; values are octets as latin1. Repeated x-amz-meta-* belong together (RFC 9110, 5.3), of others the first counts. */
  readonly headers: ReadonlyMap<string, string>
  /** Bytes that follow, or how their end is known. */
  readonly body: number | 'chunked' | 'until-close'
  /** The connection may carry another exchange after it. */
  readonly keeps: boolean
}

/** What came is not HTTP. */
export class NotHttp extends Error {
  override readonly name = 'NotHttp'
}

const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: .*)?$/
const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/
const isCount = (text: string) => /^\d{1,15}$/.test(text)

/** Names as they come, and as they are looked up: stores send the same few again and again. */
const names = new Map<string, string>()
const mostNames = 200

function nameOf(raw: string): string {
  const known = names.get(raw)
  if (known !== undefined) return known
  const name = raw.toLowerCase()
  if (!token.test(name)) throw new NotHttp('no name of a header')
  if (names.size < mostNames) names.set(raw, name)
  return name
}

function add(headers: Map<string, string>, name: string, value: string): void {
  const before = headers.get(name)
  if (before === undefined) headers.set(name, value)
  else if (name.startsWith('x-amz-meta-')) headers.set(name, `${before},${value}`)
  else if (name === 'transfer-encoding') headers.set(name, `${before}, ${value}`)
  else if (name === 'content-length' && before !== value) throw new NotHttp('two lengths')
}

function headersOf(text: string, from: number): Map<string, string> {
  const headers = new Map<string, string>()
  for (let at = from; at < text.length; ) {
    const found = text.indexOf('\r\n', at)
    const end = found < 0 ? text.length : found
    const colon = text.indexOf(':', at)
    if (colon < 0 || colon >= end) throw new NotHttp('a line of the head that is no header')
    const value = text.slice(colon + 1, end).trim()
    if (value.includes('\n') || value.includes('\r') || value.includes('\0'))
      throw new NotHttp('a control character in a header')
    add(headers, nameOf(text.slice(at, colon)), value)
    at = end + 2
  }
  return headers
}

/** RFC 9112, 6.3. */
function bodyOf(method: string, status: number, headers: ReadonlyMap<string, string>): AnswerHead['body'] {
  const coding = headers.get('transfer-encoding')
  const length = headers.get('content-length')
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    throw new NotHttp('a transfer coding that is not known')
  if (coding !== undefined && length !== undefined) throw new NotHttp('a length and a transfer coding')
  if (length !== undefined && !isCount(length)) throw new NotHttp('no length')
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return 0
  if (coding !== undefined) return 'chunked'
  return length === undefined ? 'until-close' : Number(length)
}

function keeps(version: string, headers: ReadonlyMap<string, string>): boolean {
  const options = headers.get('connection')?.toLowerCase() ?? ''
  return version === '1' ? !options.includes('close') : options.includes('keep-alive')
}

/** `text`: latin1, without the empty line at its end. Throws NotHttp. */
export function answerHead(method: string, text: string): AnswerHead {
  const found = text.indexOf('\r\n')
  const end = found < 0 ? text.length : found
  const line = statusLine.exec(text.slice(0, end))
  if (line === null) throw new NotHttp('no status')
  const [, version = '', digits = ''] = line
  const status = Number(digits)
  const headers = headersOf(text, end + 2)
  const body = bodyOf(method, status, headers)
  return { status, headers, body, keeps: body !== 'until-close' && keeps(version, headers) }
}
