import type { FaasEndpoint } from '../route/routing-table.ts'

/** `unused`: why no call can be sent to it. `refusesKey`: its platform does not take FaDO's key, by the last calls. */
export type Deployment = Omit<FaasEndpoint, 'secrets'> & {
  readonly unused: 'target' | 'address' | null
  readonly refusesKey?: boolean
}
