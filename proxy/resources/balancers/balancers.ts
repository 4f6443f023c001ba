// How a policy's Envoy cluster chooses among the deployments of a class. A new one is a file here and an entry.
import type { Balancers } from './balancer.ts'
import { first } from './first.ts'
import { leastRequest } from './least-request.ts'
import { ipHash, random, uriHash } from './maglev.ts'
import { roundRobin } from './round-robin.ts'

export const balancers: Balancers = {
  round_robin: roundRobin,
  least_request: leastRequest,
  random,
  first,
  ip_hash: ipHash,
  uri_hash: uriHash,
}
