// The ways in which Envoy spreads a bucket's calls over the deployments of its clusters. What each is in Envoy:
// proxy/resources/balancers.

type LbPolicyDefinition = {
  /** In a sentence. */
  readonly meaning: string
  /**
   * Clusters are asked in an order, the next when no deployment of those before it is well, and calls to one cluster are spread by
   * this policy. Null: they go to the deployments of all clusters alike.
   */
  readonly within: string | null
  /** A cluster that is new in a route gets a part of its share at first. */
  readonly startsSlowly: boolean
}

export const lbPolicyDefinitions = {
  round_robin: { meaning: 'Each in turn.', within: null, startsSlowly: true },
  least_request: {
    meaning: 'The one with the fewest calls under way, of all buckets, of seven drawn at random.',
    within: null,
    startsSlowly: true,
  },
  random: { meaning: 'Any, by chance.', within: null, startsSlowly: false },
  first: {
    meaning: 'All to one cluster, and to the next while no function deployment of it answers.',
    within: 'round_robin',
    startsSlowly: false,
  },
  ip_hash: { meaning: 'Calls from one address go to one deployment.', within: null, startsSlowly: false },
  uri_hash: { meaning: 'Calls of one path and query go to one deployment.', within: null, startsSlowly: false },
} as const satisfies Readonly<Record<string, LbPolicyDefinition>>

export type LbPolicy = keyof typeof lbPolicyDefinitions

/** Those that ask clusters in an order. */
export type OrderedLbPolicy = {
  [P in LbPolicy]: (typeof lbPolicyDefinitions)[P]['within'] extends null ? never : P
}[LbPolicy]

export const lbPolicies = Object.keys(lbPolicyDefinitions) as readonly LbPolicy[]

export const asksInOrder = (policy: LbPolicy): policy is OrderedLbPolicy => lbPolicyDefinitions[policy].within !== null

export const lbPoliciesThatStartSlowly: readonly LbPolicy[] = lbPolicies.filter(
  (policy) => lbPolicyDefinitions[policy].startsSlowly,
)

/** The original's name for LEAST_REQUEST is taken, stored and read back as `least_request`. */
export function parseLbPolicy(text: string): LbPolicy | undefined {
  const name = text === 'least_conn' ? 'least_request' : text
  return lbPolicies.find((policy) => policy === name)
}
