import { hostChoice, type UnorderedBalancer } from './balancer.ts'

export const roundRobin: UnorderedBalancer = {
  policy: (slowStart) => hostChoice('round_robin', 'RoundRobin', slowStart),
}
