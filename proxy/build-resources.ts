// Every resource but scopes, as a function of its name and of what there is: no clock, no order, no state (I11).
import type { LbPolicy } from '../server/domain/policy/lb-policy.ts'
import { lbPolicies } from '../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint, RouteTable } from '../server/domain/route/routing-table.ts'
import { buildEnvoyCluster } from './resources/cluster.ts'
import { buildEndpoints, type Classes } from './resources/endpoint.ts'
import { buildIngressListener, buildWarmingListener, type CallerPolicies, type Ingress } from './resources/listener.ts'
import {
  envoyClusterName,
  type Feature,
  ingressListener,
  parseEndpointsName,
  parseTableName,
  warmingListener,
} from './resources/names.ts'
import { buildRouteTable } from './resources/route-table.ts'
import type { WireObject } from './resources/wire.ts'
import type { ResourceType } from './type-urls.ts'

/** What resources are made from. */
export type ResourceInputs = {
  readonly ingress: Ingress
  readonly callerPolicies: () => CallerPolicies
  /** PEM certificates that https deployments are checked against. */
  readonly trustedCa: string
  readonly endpoints: () => readonly FaasEndpoint[]
  /** What the deployments ask of the Envoy clusters. */
  readonly feature: () => Feature
  /** The placement classes of the tables with this policy. */
  readonly classes: (policy: LbPolicy) => Classes
  /** undefined: there is no such table, or nobody knows what is in it. */
  readonly table: (id: string) => { readonly table: RouteTable; readonly classId: string } | undefined
}

/** Those that every Envoy gets, unasked. */
export const resourceNames = {
  cluster: lbPolicies.map(envoyClusterName),
  listener: [warmingListener, ingressListener],
} as const

/** undefined: there is no such resource. */
export function buildResource(
  inputs: ResourceInputs,
  type: Exclude<ResourceType, 'scope'>,
  name: string,
): WireObject | undefined {
  switch (type) {
    case 'cluster': {
      const policy = lbPolicies.find((candidate) => envoyClusterName(candidate) === name)
      return policy && buildEnvoyCluster(policy, inputs.feature(), inputs.trustedCa)
    }
    case 'endpoints': {
      const { policy, feature } = parseEndpointsName(name) ?? {}
      return policy && feature && buildEndpoints(policy, feature, inputs.endpoints(), inputs.classes(policy))
    }
    case 'listener':
      if (name === ingressListener) return buildIngressListener(inputs.ingress, inputs.callerPolicies())
      return name === warmingListener ? buildWarmingListener(inputs.callerPolicies()) : undefined
    case 'table': {
      const id = parseTableName(name) ?? ''
      const found = inputs.table(id)
      return found && buildRouteTable(id, found.table, found.classId)
    }
  }
}
