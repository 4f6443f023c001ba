import { type Balancer, hostChoice } from './balancer.ts'

export const roundRobin: Balancer = { policy: hostChoice('round_robin', 'RoundRobin') }
