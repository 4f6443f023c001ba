// A caller that is known by a token that FaDO signs for it, which is its key.
import { ownClaims, ownIssuer } from '../../domain/callers/by-token.ts'
import type { HowKnown } from './how-known.ts'
import { tokenDetail } from './known-by-token.ts'
import { makeOwnKey } from './own-key.ts'

export function knownByKey(): HowKnown {
  const { secret, subject, jwks } = makeOwnKey()
  const claims = ownClaims(subject)
  const known = { kind: 'key', issuer: ownIssuer, audiences: [], claims, jwksUrl: null, jwks } as const
  // Each has a key pair of its own.
  return { known, detail: tokenDetail(known), secret, requireAlike: async () => {} }
}
