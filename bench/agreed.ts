// Whether Envoys have what was decided. A change that is late for half a second becomes an exception and holds up no number, so a
// number alone would end a measurement that goes on.

/** SQL: the stream `s` has ACKed every change up to this number. */
const hasAcked = (number: string): string =>
  `s.acked_through >= ${number} AND NOT EXISTS (SELECT FROM proxy_exception e WHERE e.stream_id = s.id)`

/** SQL: the number that was given last. */
const latestRoute = '(SELECT route_number FROM fleet)'

/** SQL: an Envoy is there, and each has ACKed every change up to this number. */
export const agreed = (number = latestRoute): string =>
  `(SELECT COALESCE(bool_and(${hasAcked(number)}), false) FROM proxy_stream s WHERE s.closed_at IS NULL)`

/** SQL: an Envoy whose stream is younger than this time has ACKed all. */
export const agreedAnew = (since: string): string =>
  `EXISTS (SELECT FROM proxy_stream s WHERE s.closed_at IS NULL AND s.connected_since >= ${since} AND ${hasAcked(latestRoute)})`
