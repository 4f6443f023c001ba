// Callers who are known by tokens (JWT, RFC 7519): those of an issuer whose keys FaDO was given, and those that FaDO signs itself.
import { areAmong, type CallerKind } from './caller-kind.ts'

/** A token's claim `name` must hold one of `values`, alone or in a list. */
export type Claim = { readonly name: string; readonly values: readonly string[] }

/** What the tokens of a caller say. */
export type TokenProof = {
  /** As the claim `iss` has it. */
  readonly issuer: string
  /** One of them is in the claim `aud`; empty: whatever it says. */
  readonly audiences: readonly string[]
  readonly claims: readonly Claim[]
}

/** The issuer of FaDO's own keys. */
export const ownIssuer = 'urn:fado:callers'

/** What FaDO's own keys begin with, so that those who look for leaked secrets know them. */
export const ownKeyPrefix = 'fado_'

/** What a token that FaDO signed says of its caller. */
export const ownClaims = (subject: string): readonly Claim[] => [{ name: 'sub', values: [subject] }]

export const byToken: CallerKind<TokenProof> = {
  overTls: false,
  isAlso: (one, other) =>
    one.issuer === other.issuer &&
    (other.audiences.length === 0 || areAmong(one.audiences, other.audiences)) &&
    other.claims.every(({ name, values }) =>
      one.claims.some((claim) => claim.name === name && areAmong(claim.values, values)),
    ),
}
