// Who may call is known by tokens (JWT, RFC 7519): those of an issuer whose keys FaDO was given, and those that FaDO signs itself.

/** A token's claim `name` must hold one of `values`, alone or in a list. */
export type Claim = { readonly name: string; readonly values: readonly string[] }

/** What the tokens of a caller say. It never changes: a caller that is to be known otherwise is another one. */
export type Caller = {
  readonly id: string
  /** As the claim `iss` has it. */
  readonly issuer: string
  /** One of them is in the claim `aud`; empty: whatever it says. */
  readonly audiences: readonly string[]
  readonly claims: readonly Claim[]
}

/** `keys`: the public keys of each issuer, as a JWK set (RFC 7517). */
export type Callers = { readonly callers: readonly Caller[]; readonly keys: Readonly<Record<string, string>> }

/** The issuer of FaDO's own keys. */
export const ownIssuer = 'urn:fado:callers'

/** What FaDO's own keys begin with, so that those who look for leaked secrets know them. */
export const ownKeyPrefix = 'fado_'

/** What a token that FaDO signed says of its caller. */
export const ownClaims = (subject: string): readonly Claim[] => [{ name: 'sub', values: [subject] }]

/** How people say that anybody may call; so no caller is called that. */
export const everyCaller = 'all'

/** Whether whatever proves one caller proves the other one, too. */
export const isAlso = (one: Caller, other: Caller): boolean =>
  one.issuer === other.issuer &&
  (other.audiences.length === 0 || isOneOf(one.audiences, other.audiences)) &&
  other.claims.every(({ name, values }) =>
    one.claims.some((claim) => claim.name === name && isOneOf(claim.values, values)),
  )

const isOneOf = (values: readonly string[], others: readonly string[]): boolean =>
  values.length > 0 && values.every((value) => others.includes(value))
