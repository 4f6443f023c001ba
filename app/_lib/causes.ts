// The codes in which systems say what failed, in words. The code stays beside them: it is what one searches for. Times are
// told as clocks show them.
import { clock } from './format.ts'

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'its host name does not resolve',
  EAI_AGAIN: 'its host name does not resolve',
  ETIMEDOUT: 'no answer in time',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
}

/** In brackets a code already stands beside words. */
const code = /(?<!\()\b[A-Z][A-Z0-9_]{4,}\b/g
const time = /\b\d{4}-\d\d-\d\dT[\d:.]+Z/g
const onlyCode = /^[A-Z][A-Z0-9_]{4,}\.?$/

export function plainCause(message: string): string {
  const timed = message.replace(time, (found) => clock(found))
  const text = timed.replace(code, (found) => (words[found] === undefined ? found : `${words[found]} (${found})`))
  return onlyCode.test(text) ? `it does not answer (${text.replace('.', '')})` : text
}
