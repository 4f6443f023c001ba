// A caller that is known by its client certificate.
import { X509Certificate } from 'node:crypto'
import { knownAuthority } from '../../db/catalogue/callers.ts'
import type { Sql } from '../../db/core/pool.ts'
import { FadoError } from '../../domain/errors.ts'
import { checkCertificates } from '../shared/check-certificates.ts'
import { invalid } from '../shared/check-input.ts'
import type { HowKnown } from './how-known.ts'

/** `ca`: in PEM. */
export type CertificateHow = { readonly ca: string; readonly subjectAltNames: readonly string[] }

const path = ['how', 'certificate']
const longest = 512
const most = 20

export function knownByCertificate({ ca, subjectAltNames }: CertificateHow, now: Date): HowKnown {
  const authority = checkAuthority(ca, now)
  const names = checkNames(subjectAltNames)
  const kind = 'certificate'
  const requireAlike = (sql: Sql) => requireSameAuthority(sql, authority)
  return { known: { kind, authority, names }, detail: { kind, names }, secret: null, requireAlike }
}

function checkAuthority(text: string, now: Date): string {
  const wrong = (what: string) =>
    invalid(`ca must be the certificate of one authority, in PEM: ${what}`, [...path, 'ca'])
  const pem = checkCertificates(text, [...path, 'ca'])
  if (pem === null) throw wrong('there is none')
  if (pem.split('BEGIN CERTIFICATE').length > 2) throw wrong('there are several')
  const certificate = new X509Certificate(pem)
  if (!certificate.ca) throw wrong('this one may not sign others')
  if (new Date(certificate.validTo) <= now) throw wrong(`this one has expired on ${certificate.validTo}`)
  return pem
}

function checkNames(names: readonly string[]): readonly string[] {
  const at = [...path, 'subjectAltNames']
  if (names.length === 0 || names.length > most)
    throw invalid(`subjectAltNames must be 1 to ${most} names, one of which a certificate has`, at)
  for (const [i, name] of names.entries())
    if (name.length > longest || !/^[\x21-\x2b\x2d-\x7e]+$/.test(name))
      throw invalid(`A name must be 1 to ${longest} visible ASCII characters without commas: a URI, or a DNS name`, [
        ...at,
        String(i),
      ])
  return [...new Set(names)]
}

/** Envoy checks all client certificates by one list: with two authorities, each would let in the other's callers. */
async function requireSameAuthority(sql: Sql, authority: string): Promise<void> {
  const known = await knownAuthority(sql)
  if (known === undefined || known === authority) return
  throw new FadoError(
    'CONFLICT',
    "There are callers by certificates of another authority already, and a name that one has signed must not pass for the other's: give the same, or delete those callers first",
    { path: [...path, 'ca'] },
  )
}
