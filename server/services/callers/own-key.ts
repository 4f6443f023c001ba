import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { ownIssuer, ownKeyPrefix } from '../../domain/callers/by-token.ts'

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Of whom a key speaks, in bytes: random, so no two are alike. Every call carries it twice: short, for Envoy reads it all. */
const subjectBytes = 9

export type OwnKey = {
  /** What calls show. */
  readonly secret: string
  /** Of its claim `sub`. */
  readonly subject: string
  readonly jwks: string
}

/**
 * A key of FaDO's: a token signed once by a key pair of its own. What signs is forgotten at once, so that nobody can make
 * another; what checks is all that is kept, and all that Envoys have.
 */
export function makeOwnKey(): OwnKey {
  const subject = randomBytes(subjectBytes).toString('base64url')
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const signed = `${part({ alg: 'ES256', kid: subject })}.${part({ iss: ownIssuer, sub: subject })}`
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: subject, alg: 'ES256', use: 'sig' }
  return {
    secret: `${ownKeyPrefix}${signed}.${signature.toString('base64url')}`,
    subject,
    jwks: JSON.stringify({ keys: [jwk] }),
  }
}
