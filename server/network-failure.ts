// Why something on the network did not answer, in words for people. What is not known here keeps its code, to be looked up.

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'its host name does not resolve',
  EAI_AGAIN: 'its host name does not resolve',
  EHOSTUNREACH: 'there is no way to its host',
  ENETUNREACH: 'there is no way to its host',
  ETIMEDOUT: 'no connection in time',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted',
  ERR_HTTP2_ERROR: 'it speaks no HTTP/2',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
}

const silences: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
])

const ranOut = (error: Error): boolean => error.name === 'TimeoutError' || error.name === 'AbortError'
const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '')

/** Whether nothing came back: that may be our own network's fault, as nothing else that comes from there is. */
export const isSilence = (error: unknown): boolean =>
  error instanceof Error && (ranOut(error) || silences.has(codeOf(error)))

/** Whether nobody listens there. */
export const isRefused = (error: unknown): boolean => error instanceof Error && codeOf(error) === 'ECONNREFUSED'

/** `timeoutMs`: how long an answer was waited for. Goes on a sentence; no full stop. */
export function networkFailure(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'no answer'
  if (ranOut(error)) return `no answer within ${timeoutMs / 1000} s`
  const code = codeOf(error)
  return words[code] ?? (code === '' ? 'no answer' : `no answer (${code})`)
}
