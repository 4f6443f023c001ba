// Calls go over TLS to the deployments whose url says https, and as they are to the others.
import { socketMatch, transportSocketMatches } from '../transport-sockets.ts'
import type { Feature } from './feature.ts'

export const tls: Feature = {
  asks: (target) => target.tls?.key,
  metadata: (target) => ({ 'envoy.transport_socket_match': socketMatch(target) }),
  fields: (all, trustedCa) => ({ transport_socket_matches: transportSocketMatches(all, trustedCa) }),
}
