/**
 * How Envoy spreads a bucket's calls over the deployments of its clusters. `first` asks clusters in an order; the hash
 * policies send calls of one caller, or of one address (path and query), to one deployment.
 */
export const lbPolicies = ['round_robin', 'least_request', 'random', 'first', 'ip_hash', 'uri_hash'] as const

export type LbPolicy = (typeof lbPolicies)[number]

/** The original's name for LEAST_REQUEST is taken, stored and read back as `least_request`. */
export function parseLbPolicy(text: string): LbPolicy | undefined {
  const name = text === 'least_conn' ? 'least_request' : text
  return lbPolicies.find((policy) => policy === name)
}
