import { isIP } from 'node:net'
import type { LbPolicy } from '../../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint } from '../../server/domain/route/routing-table.ts'
import { balancers } from './balancers/balancers.ts'
import type { EndpointMetadata } from './features/feature.ts'
import { type FeatureSet, featuresOf, hasAll, inSet, unionOf } from './features/features.ts'
import { functionLabels } from './function-labels.ts'
import { endpointsName } from './names.ts'
import type { Classes } from './placement-classes.ts'
import { type Target, targetOf } from './target.ts'
import { socketAddress, struct, type WireObject } from './wire.ts'

/** Each deployment that calls can be sent to. */
export const targetsOf = (endpoints: readonly FaasEndpoint[]): readonly Target[] =>
  endpoints.flatMap((endpoint) => targetOf(endpoint) ?? [])

/** What these deployments ask of the Envoy clusters together. */
export const featuresOfAll = (endpoints: readonly FaasEndpoint[]): FeatureSet =>
  unionOf(targetsOf(endpoints).map(featuresOf))

const healthStatus = { healthy: 'HEALTHY', unhealthy: 'UNHEALTHY' } as const

/** Header values hold visible ASCII; anything else in a cluster's name is percent-encoded. */
const headerText = (text: string) => text.replace(/[^\x21-\x7e]+/gu, (part) => encodeURIComponent(part.toWellFormed()))

/**
 * The endpoints of one Envoy cluster. One bad deployment must not cost Envoy the whole list, so what Envoy would refuse
 * (no address, a url that leads nowhere) is left out, and so is what asks for more than the cluster's features. `labelled`: calls
 * may ask for their function.
 */
export function buildEndpoints(
  policy: LbPolicy,
  set: FeatureSet,
  deployments: readonly FaasEndpoint[],
  classes: Classes,
  labelled = false,
): WireObject {
  const byCluster = new Map<string, string[]>()
  for (const [id, clusters] of classes)
    for (const cluster of clusters) byCluster.set(cluster, [...(byCluster.get(cluster) ?? []), id])
  const functionsOf = labelled ? functionLabels(deployments) : () => []
  const entries = deployments
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((deployment) => {
      const target = targetOf(deployment)
      if (!target || !hasAll(set, featuresOf(target))) return []
      const functions = functionsOf(deployment)
      return lbEndpoint(deployment, target, {
        class: (byCluster.get(deployment.cluster) ?? []).toSorted(),
        ...(functions.length > 0 ? { function: functions } : {}),
        // A deployment keeps its calls when its address changes.
        ...(balancers[policy].hashPolicy ? { hash_key: deployment.id } : {}),
      })
    })
  return {
    cluster_name: endpointsName(policy, set),
    endpoints: entries.length === 0 ? [] : [{ lb_endpoints: entries }],
  }
}

/** `labels`: what calls ask for, each a list of which one must fit; and what a deployment is called where calls are hashed. */
function lbEndpoint(deployment: FaasEndpoint, target: Target, labels: EndpointMetadata[string]): WireObject[] {
  const { address } = deployment
  if (address === null || isIP(address) === 0 || address.includes('%')) return []
  const metadata = merged([
    {
      fado: { cluster: headerText(deployment.cluster) },
      'envoy.lb': labels,
    },
    ...inSet(featuresOf(target)).map((feature) => feature.metadata?.(target) ?? {}),
  ])
  return [
    {
      endpoint: { address: socketAddress(address, target.port), hostname: target.hostname },
      health_status: healthStatus[deployment.health],
      load_balancing_weight: { value: Math.min(128, Math.max(1, Math.round(deployment.weight))) },
      metadata: { filter_metadata: mapValues(metadata, struct) },
    },
  ]
}

function merged(parts: readonly EndpointMetadata[]): EndpointMetadata {
  const whole: Record<string, EndpointMetadata[string]> = {}
  for (const part of parts)
    for (const [namespace, fields] of Object.entries(part)) whole[namespace] = { ...whole[namespace], ...fields }
  return whole
}

const mapValues = <T, R>(record: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
