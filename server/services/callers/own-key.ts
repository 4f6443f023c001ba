import { generateKeyPairSync, sign } from 'node:crypto'
import { ownIssuer, ownKeyPrefix } from '../../domain/callers/caller.ts'

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/**
 * A key of FaDO's: a token that names the caller, signed once by a key pair of its own. What signs is forgotten at once, so
 * that nobody can make another; what checks is all that is kept, and all that Envoys have.
 */
export function makeOwnKey(callerId: string): { readonly secret: string; readonly jwks: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signed = `${part({ alg: 'ES256', typ: 'JWT', kid: callerId })}.${part({ iss: ownIssuer, sub: callerId })}`
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: callerId, alg: 'ES256', use: 'sig' }
  return {
    secret: `${ownKeyPrefix}${signed}.${signature.toString('base64url')}`,
    jwks: JSON.stringify({ keys: [jwk] }),
  }
}
