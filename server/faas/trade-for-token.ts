// An ID token of Google, by the key of a service account: a signed assertion is traded for one (RFC 7523,
// https://cloud.google.com/run/docs/authenticating/service-to-service). It lasts an hour.
import { createPrivateKey, createSign } from 'node:crypto'
import { askOnce, type MayAsk, WrongAnswer } from '../ask-once.ts'
import { networkFailure } from '../network-failure.ts'
import type { ServiceAccount } from './service-account.ts'

const timeoutMs = 10_000
/** Of an answer. */
const mostBytes = 100_000
/** What a token may be made of where it is sent in a header (RFC 6750). */
const inHeader = /^[\w.~+/=-]+$/

/** `now`, `expiresAt`: milliseconds since 1970. Rejects with a sentence that says what is wrong. */
export async function tradeForToken(
  mayAsk: MayAsk,
  { account, audience }: { readonly account: ServiceAccount; readonly audience: string },
  now: number,
  signal: AbortSignal,
): Promise<{ readonly token: string; readonly expiresAt: number }> {
  const url = new URL(account.token_uri)
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: assertion(account, audience, now),
  })
  const { status, text } = await askOnce(mayAsk, {
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: form.toString(),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    mostBytes,
  }).catch((error: unknown) => {
    throw new Error(`${url.host}: ${error instanceof WrongAnswer ? error.message : networkFailure(error, timeoutMs)}`)
  })
  // What Google says of a refusal is short; it never repeats the assertion.
  if (status !== 200)
    throw new Error(`${url.host} answers ${status}: ${text.slice(0, 200).replaceAll(/\p{Cc}+/gu, ' ')}`)
  const token = property(text, 'id_token')
  if (typeof token !== 'string' || !inHeader.test(token)) throw new Error(`${url.host} answers without an ID token`)
  return { token, expiresAt: expiryOf(token) }
}

/** undefined: the text is no JSON, or has no such property. */
function property(text: string, name: string): unknown {
  try {
    return (JSON.parse(text) as Readonly<Record<string, unknown>> | null)?.[name]
  } catch {
    return undefined
  }
}

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

function assertion(
  { client_email, private_key, private_key_id, token_uri }: ServiceAccount,
  audience: string,
  now: number,
) {
  const seconds = Math.floor(now / 1000)
  const header = { alg: 'RS256', typ: 'JWT', ...(private_key_id ? { kid: private_key_id } : {}) }
  const claims = {
    ...{ iss: client_email, sub: client_email, aud: token_uri },
    ...{ iat: seconds, exp: seconds + 3600, target_audience: audience },
  }
  const signed = `${base64(header)}.${base64(claims)}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(createPrivateKey(private_key)).toString('base64url')}`
}

function expiryOf(token: string): number {
  const exp = property(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(), 'exp')
  if (typeof exp !== 'number') throw new Error('the ID token does not say until when it is good')
  return exp * 1000
}
