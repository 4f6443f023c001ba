// Certificates that users give, in PEM.
import { X509Certificate } from 'node:crypto'
import type { FadoError } from '../../domain/errors.ts'
import { invalid } from './check-input.ts'

const most = 100_000

/**
 * Each whole, and nothing but certificates: a key given by mistake would be shown to all. In one way of writing, however lines end
 * in what was given. Null where there are none.
 */
export function checkCertificates(text: string | null | undefined, path: readonly string[]): string | null {
  if (text === null || text === undefined || text.trim() === '') return null
  const say = (what: string): FadoError => invalid(`${path.at(-1)} ${what}`, path)
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  const others = /-----BEGIN (?!CERTIFICATE-)/.test(text)
  if (found.length === 0 || others || text.length > most)
    throw say('must be certificates in PEM, nothing else, at most 100 000 characters')
  const certificates = found.map(read)
  if (certificates.includes(null)) throw say('hold one that cannot be read')
  return certificates.join('')
}

function read(pem: string): string | null {
  try {
    return new X509Certificate(pem).toString()
  } catch {
    return null
  }
}
