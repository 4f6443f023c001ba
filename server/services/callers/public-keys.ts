// What is believed of a JWK set: public keys alone, by which Envoy can check signatures. A shared secret among them would be shown
// by every Envoy, and would let whoever knows it sign tokens. Of a set in which Envoy can read no key it refuses the keys of all
// other issuers, too; so what it would not take is no key here.
import { createPublicKey, type KeyObject } from 'node:crypto'

const mostKeys = 100

type Jwk = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Jwk => typeof value === 'object' && value !== null && !Array.isArray(value)

/** By what a key is called in RFC 7518 and RFC 8037. */
const algorithms: Readonly<Record<string, readonly string[]>> = {
  RSA: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA'],
}
/** RFC 7518 asks for the least, in bits; Envoy computes with no more. */
const [leastModulus, mostModulus] = [2048, 8192]
const mostExponent = 2n ** 32n

/** PostgreSQL and Envoy can read it. */
const isName = (text: string) => text.isWellFormed() && !/\p{Cc}/u.test(text)

function publicKey({ kty, n, e, crv, x, y }: Jwk): KeyObject | undefined {
  try {
    const key = JSON.parse(JSON.stringify({ kty, n, e, crv, x, y })) as Record<string, string>
    return createPublicKey({ key, format: 'jwk' })
  } catch {
    return undefined
  }
}

function isSound(key: KeyObject): boolean {
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {}
  if (modulusLength === undefined || publicExponent === undefined) return true
  const isExponent = publicExponent > 1n && publicExponent < mostExponent && publicExponent % 2n === 1n
  return modulusLength >= leastModulus && modulusLength <= mostModulus && isExponent
}

/** Without what is private, in one way of writing. undefined: no signature can be checked by it. */
function publicOf(jwk: Jwk): Jwk | undefined {
  const { use, alg, kid } = jwk
  const key = publicKey(jwk)
  if (key === undefined || !isSound(key) || (use !== undefined && use !== 'sig')) return undefined
  const { kty = '', ...parts } = key.export({ format: 'jwk' })
  const fitting = algorithms[parts.crv ?? kty] ?? []
  if (fitting.length === 0 || (typeof alg === 'string' && !fitting.includes(alg))) return undefined
  if (typeof kid === 'string' && !isName(kid)) return undefined
  const said = Object.entries({ use, alg, kid }).filter(([, value]) => typeof value === 'string')
  return { kty, ...parts, ...Object.fromEntries(said) }
}

/**
 * The keys of a set that signatures can be checked by, in one way of writing. Others are left out: what is private of them, shared
 * secrets, keys for other uses. `refused` goes on after a name: "jwks holds no ...".
 */
export function publicKeys(text: string): { readonly keys: string } | { readonly refused: string } {
  const set = parsed(text)
  if (!isObject(set) || !Array.isArray(set['keys'])) return { refused: 'must be a JWK set: {"keys": [...]}' }
  const given = (set['keys'] as unknown[]).filter(isObject)
  if (given.length > mostKeys) return { refused: `must hold at most ${mostKeys} keys` }
  const keys = given.flatMap((jwk) => publicOf(jwk) ?? [])
  if (keys.length === 0)
    return {
      refused: 'holds no public key to check signatures by: RSA of 2048 to 8192 bits, P-256, P-384, P-521 or Ed25519',
    }
  return { keys: JSON.stringify({ keys }) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
