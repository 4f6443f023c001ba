// What is believed of a JWK set: public keys only. A shared secret among them would be shown by every Envoy, and would let
// whoever knows it sign tokens.

const kinds = ['RSA', 'EC', 'OKP']
/** RFC 7518, section 6, and RFC 8037: what of a key is public. */
const publicParts = ['kty', 'use', 'alg', 'kid', 'n', 'e', 'crv', 'x', 'y'] as const

const mostKeys = 100

type Jwk = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Jwk => typeof value === 'object' && value !== null && !Array.isArray(value)

const signs = ({ kty, use }: Jwk) => kinds.includes(String(kty)) && (use === undefined || use === 'sig')

const publicOf = (key: Jwk): Jwk =>
  Object.fromEntries(publicParts.flatMap((part) => (typeof key[part] === 'string' ? [[part, key[part]]] : [])))

/**
 * The keys of a set that signatures can be checked by, in one way of writing. What is private of them is left out, and so are
 * shared secrets and keys for other uses. `refused` goes on after a name: "jwks holds no ...".
 */
export function publicKeys(text: string): { readonly keys: string } | { readonly refused: string } {
  const set = parsed(text)
  if (!isObject(set) || !Array.isArray(set['keys'])) return { refused: 'must be a JWK set: {"keys": [...]}' }
  const keys = (set['keys'] as unknown[]).filter(isObject).filter(signs).map(publicOf)
  if (keys.length === 0) return { refused: 'holds no public key of kind RSA, EC or OKP to check signatures by' }
  if (keys.length > mostKeys) return { refused: `must hold at most ${mostKeys} keys` }
  return { keys: JSON.stringify({ keys }) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
