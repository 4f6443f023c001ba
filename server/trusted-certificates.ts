// Whose signatures are believed when others are reached over https.
import { getCACertificates } from 'node:tls'

/** The system's, those that Node brings, those of NODE_EXTRA_CA_CERTS. */
type Source = 'system' | 'bundled' | 'extra'

/**
 * PEM certificates: those of the machine's administrator, and those that NODE_EXTRA_CA_CERTS adds. Where the system has none,
 * as in slim images, the public ones that Node brings take their place: one more of one's own must not lose those.
 */
export function trustedCertificates(of: (source: Source) => readonly string[] = getCACertificates): string[] {
  const system = of('system')
  return [...new Set([...(system.length > 0 ? system : of('bundled')), ...of('extra')])]
}
