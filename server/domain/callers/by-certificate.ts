// Callers who are known by client certificates.
import { areAmong, type CallerKind } from './caller-kind.ts'

/** What the client certificate of a caller says. */
export type CertificateProof = {
  /** The certificate of who signs them, in PEM: the same of all callers. */
  readonly authority: string
  /** One of them is, to the letter, among its subject alternative names: a URI where it has a colon, else a DNS name. */
  readonly names: readonly string[]
}

export const byCertificate: CallerKind<CertificateProof> = {
  overTls: true,
  isAlso: (one, other) => one.authority === other.authority && areAmong(one.names, other.names),
}
