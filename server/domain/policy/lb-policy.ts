/** How Envoy spreads a bucket's calls over the deployments of its clusters: what each way means, in a sentence. */
export const lbPolicyMeanings = {
  round_robin: 'Each in turn.',
  least_request: 'The one with the fewest calls under way, of all buckets, of seven drawn at random.',
  random: 'Any, by chance.',
  first: 'All to one cluster, and to the next while no function deployment of it answers.',
  ip_hash: 'Calls from one address go to one deployment.',
  uri_hash: 'Calls of one path and query go to one deployment.',
} as const

export type LbPolicy = keyof typeof lbPolicyMeanings

export const lbPolicies = Object.keys(lbPolicyMeanings) as readonly LbPolicy[]

/** By these a cluster that is new in a route gets a part of its share at first. */
export const lbPoliciesThatStartSlowly: readonly LbPolicy[] = ['round_robin', 'least_request']

/** The original's name for LEAST_REQUEST is taken, stored and read back as `least_request`. */
export function parseLbPolicy(text: string): LbPolicy | undefined {
  const name = text === 'least_conn' ? 'least_request' : text
  return lbPolicies.find((policy) => policy === name)
}
