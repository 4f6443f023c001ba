// Issuers of tokens, as they are and as forgers are.
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export type SigningKey = { readonly kid: string; readonly jwk: object; readonly privateKey: KeyObject }

export function signingKey(kid: string): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' } }
}

export const keySet = (...keys: readonly SigningKey[]) => JSON.stringify({ keys: keys.map(({ jwk }) => jwk) })

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

export function token({ kid, privateKey }: SigningKey, claims: object, header: object = {}): string {
  const text = `${part({ alg: 'ES256', typ: 'JWT', kid, ...header })}.${part(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

export const unsigned = ({ kid }: SigningKey, claims: object) => `${part({ alg: 'none', kid })}.${part(claims)}.`

/** Signed by what is public of a key, as if that were a shared secret. */
export function signedByPublic({ kid, jwk }: SigningKey, claims: object): string {
  const text = `${part({ alg: 'HS256', kid })}.${part(claims)}`
  return `${text}.${createHmac('sha256', JSON.stringify(jwk)).update(text).digest('base64url')}`
}

/** Seconds since 1970, so much from now. */
export const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds
