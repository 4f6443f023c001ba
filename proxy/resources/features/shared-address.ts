// A deployment at the address of another one is reached by a way inside of Envoy (proxy/shared-address.ts).
import { destinationNamespace, socketMatch, transportSocketMatches } from '../transport-sockets.ts'
import type { Feature } from './feature.ts'

export const sharedAddress: Feature = {
  asks: ({ isShared, tls }) => (isShared ? (tls?.key ?? 'plain') : undefined),
  metadata: (target, place) => ({
    'envoy.transport_socket_match': socketMatch(target),
    [destinationNamespace]: { local: place.name },
  }),
  fields: (all, trustedCa) => ({ transport_socket_matches: transportSocketMatches(all, trustedCa) }),
}
