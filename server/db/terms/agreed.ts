// Which proxies count, and whether they have agreed to a route: whoever decides by it, filters by it or shows it asks this.

/**
 * SQL for a row of `proxy_stream`: it counts, while it is open, and after its end until its lease is over. A lease runs only while
 * a control plane is there (`runLeases`): against its last heartbeat, for `now()` would end all leases in an outage, before an
 * Envoy had a chance to come back.
 */
export const counts = 'closed_at IS NULL OR lease_until > heartbeat_at'

/** SQL: the streams that count. */
export const countingStreams = `SELECT * FROM proxy_stream WHERE ${counts}`

/** SQL: their exceptions. */
export const countingExceptions = `SELECT e.* FROM proxy_exception e JOIN (${countingStreams}) c ON c.id = e.stream_id`

/**
 * SQL: a bucket's route of `number` is not agreed to. `acked`: what a stream that counts has ACKed through; of several the least.
 * `excepted`: whether one of them has an exception of the bucket. What older routes of the bucket they have agreed to:
 * `ackedThrough` in proxies/proxy-acks.ts.
 */
export const notAgreed = ({ acked, number, excepted }: { acked: string; number: string; excepted: string }): string =>
  `(${acked} < ${number} OR ${excepted})`
