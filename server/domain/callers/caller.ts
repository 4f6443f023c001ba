// Who may call, and how one is known. A new way to know is a file beside this one and an entry here; the compiler then asks
// for what the other rooms have of each.
import { byCertificate, type CertificateProof } from './by-certificate.ts'
import { byToken, type TokenProof } from './by-token.ts'
import type { CallerKind } from './caller-kind.ts'

type Proofs = { readonly token: TokenProof; readonly certificate: CertificateProof }
export type KnownBy = keyof Proofs

const kinds: { readonly [K in KnownBy]: CallerKind<Proofs[K]> } = { token: byToken, certificate: byCertificate }

/** How one is known never changes: a caller that is to be known otherwise is another one. */
export type Caller<K extends KnownBy = KnownBy> = {
  [P in K]: { readonly id: string; readonly kind: P } & Proofs[P]
}[K]

const isOf = <K extends KnownBy>(kind: K, caller: Caller): caller is Caller & Caller<K> => caller.kind === kind

/** Whether whatever proves one caller proves the other one, too. */
export const isAlso = <K extends KnownBy>(one: Caller<K>, other: Caller): boolean =>
  isOf<K>(one.kind, other) && kinds[one.kind].isAlso(one, other)

/** What proves who it is can be shown over TLS alone. */
export const needsTls = ({ kind }: Pick<Caller, 'kind'>): boolean => kinds[kind].overTls

/** `keys`: the public keys of each issuer, as a JWK set (RFC 7517). */
export type Callers = { readonly callers: readonly Caller[]; readonly keys: Readonly<Record<string, string>> }

/** Who signs their client certificates, in PEM; undefined: none is known by one. */
export const authorityOf = (callers: readonly Caller[]): string | undefined =>
  callers.find((caller) => isOf('certificate', caller))?.authority

/** How people say that anybody may call; so no caller is called that. */
export const everyCaller = 'all'
