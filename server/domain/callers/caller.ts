// Who may call is known by tokens (JWT, RFC 7519), those of an issuer whose keys FaDO was given and those that FaDO signs itself,
// or by client certificates.

/** A token's claim `name` must hold one of `values`, alone or in a list. */
export type Claim = { readonly name: string; readonly values: readonly string[] }

/** What the tokens of a caller say. */
export type TokenCaller = {
  readonly id: string
  /** As the claim `iss` has it. */
  readonly issuer: string
  /** One of them is in the claim `aud`; empty: whatever it says. */
  readonly audiences: readonly string[]
  readonly claims: readonly Claim[]
}

/** What the client certificate of a caller says. */
export type CertificateCaller = {
  readonly id: string
  /** The certificate of who signs them, in PEM: the same of all callers. */
  readonly authority: string
  /** One of them is, to the letter, among its subject alternative names: a URI where it has a colon, else a DNS name. */
  readonly names: readonly string[]
}

/** How one is known never changes: a caller that is to be known otherwise is another one. */
export type Caller = TokenCaller | CertificateCaller

export const isByCertificate = (caller: Caller): caller is CertificateCaller => 'names' in caller

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
export function isAlso(one: Caller, other: Caller): boolean {
  if (isByCertificate(one))
    return isByCertificate(other) && one.authority === other.authority && isOneOf(one.names, other.names)
  return !isByCertificate(other) && saysAlso(one, other)
}

const saysAlso = (one: TokenCaller, other: TokenCaller): boolean =>
  one.issuer === other.issuer &&
  (other.audiences.length === 0 || isOneOf(one.audiences, other.audiences)) &&
  other.claims.every(({ name, values }) =>
    one.claims.some((claim) => claim.name === name && isOneOf(claim.values, values)),
  )

const isOneOf = (values: readonly string[], others: readonly string[]): boolean =>
  values.length > 0 && values.every((value) => others.includes(value))
