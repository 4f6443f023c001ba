import type { OrderedBalancer } from './balancer.ts'
import { roundRobin } from './round-robin.ts'

/**
 * Calls go to the first cluster that has a deployment which is well, in turn where it has several. A refused connection
 * fails within a millisecond and tries are up to 20 ms apart, so a call that meets a dead cluster is served by the next one
 * after 40 ms or so. Without the limit it took until Envoy's next look, up to a second, and 2 000 calls of 64 callers failed
 * meanwhile.
 */
export const first: OrderedBalancer = { ...roundRobin, inOrder: { failures: 5 } }
