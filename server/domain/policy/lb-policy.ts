/** How Envoy spreads a bucket's calls over the deployments of its clusters. Names follow Envoy's extensions. */
export type LbPolicy = 'round_robin' | 'least_request' | 'random'

export const lbPolicies: readonly LbPolicy[] = ['round_robin', 'least_request', 'random']

/** The original's name for LEAST_REQUEST is taken, stored and read back as `least_request`. */
export function parseLbPolicy(text: string): LbPolicy | undefined {
  const name = text === 'least_conn' ? 'least_request' : text
  return lbPolicies.find((policy) => policy === name)
}
