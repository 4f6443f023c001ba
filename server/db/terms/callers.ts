// How what proves callers is stored, and read: of each kind its columns of the table `caller`.
import type { CertificateProof } from '../../domain/callers/by-certificate.ts'
import type { TokenProof } from '../../domain/callers/by-token.ts'
import type { Caller } from '../../domain/callers/caller.ts'

/** `jwks`: public keys only. `jwksUrl`: where they came from; null: they were given. */
export type KnownByToken = TokenProof & { readonly jwksUrl: string | null; readonly jwks: string }

/** What is stored of each kind, by the column `kind`. */
type Stored = { readonly jwt: KnownByToken; readonly key: KnownByToken; readonly certificate: CertificateProof }
export type StoredKind = keyof Stored

export type Known<K extends StoredKind = StoredKind> = { [P in K]: { readonly kind: P } & Stored[P] }[K]

type Named = { readonly id: string; readonly name: string }
/** Columns of the other kinds are empty. */
export type CallerRow = Named & { readonly kind: StoredKind } & TokenProof & CertificateProof

type Columns = { readonly claims: { name: string; values: string[] }[] } & Partial<{
  readonly issuer: string
  readonly audiences: string[]
  readonly jwksUrl: string | null
  readonly jwks: string
  readonly authority: string
  readonly names: string[]
}>

type Kind<K extends StoredKind> = {
  readonly caller: (row: CallerRow) => Caller & Named
  readonly columns: (known: Stored[K]) => Columns
}

const token: Kind<'jwt' | 'key'> = {
  caller: ({ id, name, issuer, audiences, claims }) => ({ id, name, kind: 'token', issuer, audiences, claims }),
  columns({ issuer, audiences, claims, jwksUrl, jwks }) {
    const plain = claims.map(({ name, values }) => ({ name, values: [...values] }))
    return { issuer, audiences: [...audiences], claims: plain, jwksUrl, jwks }
  },
}

const certificate: Kind<'certificate'> = {
  caller: ({ id, name, authority, names }) => ({ id, name, kind: 'certificate', authority, names }),
  columns: ({ authority, names }) => ({ authority, names: [...names], claims: [] }),
}

const kinds: { readonly [K in StoredKind]: Kind<K> } = { jwt: token, key: token, certificate }

export const callerOf = (row: CallerRow): Caller & Named => kinds[row.kind].caller(row)

export const columnsOf = <K extends StoredKind>(known: Known<K>): Columns => kinds[known.kind].columns(known)
