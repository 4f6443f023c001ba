// Keys of JWK sets, as issuers may show them: those that Envoy checks signatures by, and others.
import { generateKeyPairSync, type KeyObject } from 'node:crypto'

const jwk = ({ publicKey }: { readonly publicKey: KeyObject }) => publicKey.export({ format: 'jwk' })
const rsa = jwk(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const curve = (namedCurve: string) => jwk(generateKeyPairSync('ec', { namedCurve }))
const p256 = curve('P-256')

export const soundKeys: Readonly<Record<string, object>> = {
  RSA: { ...rsa, kid: 'rsa', alg: 'RS256', use: 'sig' },
  'RSA without more': rsa,
  'RSA of another padding': { ...rsa, alg: 'PS512', kid: 'ключ' },
  'P-256': { ...p256, alg: 'ES256' },
  'P-384': { ...curve('P-384'), kid: 'k'.repeat(2000) },
  'P-521': { ...curve('P-521'), alg: 'ES512' },
  Ed25519: { ...jwk(generateKeyPairSync('ed25519')), alg: 'EdDSA' },
}

export const oddKeys: Readonly<Record<string, unknown>> = {
  'a shared secret': { kty: 'oct', k: 'c2VjcmV0' },
  'a key to encrypt by': { ...rsa, use: 'enc' },
  X25519: jwk(generateKeyPairSync('x25519')),
  secp256k1: curve('secp256k1'),
  'RSA that is short': jwk(generateKeyPairSync('rsa', { modulusLength: 1024 })),
  'RSA of nothing': { kty: 'RSA', n: '', e: '' },
  'RSA of two bits': { kty: 'RSA', n: 'AA', e: 'AQAB' },
  'RSA that is no base64': { kty: 'RSA', n: '***', e: 'AQAB' },
  'RSA with a huge exponent': { ...rsa, e: 'A'.repeat(9).concat('B'.repeat(400)) },
  'RSA with an even exponent': { ...rsa, e: 'AQAA' },
  'RSA for a shared secret': { ...rsa, alg: 'HS256' },
  'RSA for nothing': { ...rsa, alg: 'none' },
  'P-256 for another curve': { ...p256, alg: 'ES384' },
  'a point without its half': { kty: 'EC', crv: 'P-256', x: p256.x },
  'a point beside its curve': { ...p256, y: p256.x },
  'a point of nothing': { kty: 'OKP', crv: 'Ed25519', x: 'AA' },
  numbers: { kty: 1, n: 2, e: 3 },
  'a name with a zero': { ...p256, kid: 'a\0b' },
  'a name that is half a character': { ...p256, kid: '\ud800' },
  'a name of two lines': { ...p256, kid: 'a\nb' },
  nothing: {},
  'no object': 'RSA',
}
