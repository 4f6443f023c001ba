// How a policy's Envoy cluster chooses among the deployments of a class.
import type { LbPolicy } from '../../../server/domain/policy/lb-policy.ts'
import type { WireObject } from '../wire.ts'
import { balancer } from './balancer.ts'

export const balancers: Readonly<Record<LbPolicy, WireObject>> = {
  round_robin: balancer('round_robin', 'RoundRobin'),
  // The least of five drawn at random: of two deployments the busier one is taken once in 32 calls. A look at all of them
  // would be exact, but never lead a second try past a dead one, which has no calls and so always the fewest.
  least_request: balancer('least_request', 'LeastRequest', { choice_count: { value: 5 } }),
  // Envoy's own Random ignores weights. Maglev without a hash to look up draws a random one, and honours them; a small
  // table (a prime) keeps a weight within a percent and costs 16 KB for each class.
  random: balancer('maglev', 'Maglev', { table_size: { value: 4093 } }),
}
