import { type Balancer, hostChoice } from './balancer.ts'

export const roundRobin: Balancer = {
  policy: (slowStart) => hostChoice('round_robin', 'RoundRobin', slowStart),
}
