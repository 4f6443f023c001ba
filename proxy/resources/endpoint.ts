import { isIP } from 'node:net'
import type { LbPolicy } from '../../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint } from '../../server/domain/route/routing-table.ts'
import { type FeatureSet, featuresOf, hasAll, inSet, unionOf } from './features/features.ts'
import { endpointsName } from './names.ts'
import { parseTarget, type Target } from './target.ts'
import { socketAddress, struct, type WireObject } from './wire.ts'

const featuresOfUrl = (url: string): FeatureSet => {
  const target = parseTarget(url)
  return target ? featuresOf(target) : []
}

/** What these deployments ask of the Envoy clusters together. */
export const featuresOfAll = (endpoints: readonly FaasEndpoint[]): FeatureSet =>
  unionOf(endpoints.map(({ url }) => featuresOfUrl(url)))

const healthStatus = { healthy: 'HEALTHY', unhealthy: 'UNHEALTHY' } as const

/** Header values hold visible ASCII; anything else in a cluster's name is percent-encoded. */
const headerText = (text: string) => text.replace(/[^\x21-\x7e]+/gu, (part) => encodeURIComponent(part.toWellFormed()))

/** Placement classes by id: the names of the clusters in each. */
export type Classes = ReadonlyMap<string, readonly string[]>

/**
 * The endpoints of one Envoy cluster. One bad deployment must not cost Envoy the whole list, so what Envoy would refuse
 * (no address, a url that leads nowhere) is left out, and so is what asks for more than the cluster's features.
 */
export function buildEndpoints(
  policy: LbPolicy,
  set: FeatureSet,
  deployments: readonly FaasEndpoint[],
  classes: Classes,
): WireObject {
  const byCluster = new Map<string, string[]>()
  for (const [id, clusters] of classes)
    for (const cluster of clusters) byCluster.set(cluster, [...(byCluster.get(cluster) ?? []), id])
  const entries = deployments
    .filter(({ url }) => hasAll(set, featuresOfUrl(url)))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((deployment) => lbEndpoint(deployment, (byCluster.get(deployment.cluster) ?? []).toSorted()))
  return {
    cluster_name: endpointsName(policy, set),
    endpoints: entries.length === 0 ? [] : [{ lb_endpoints: entries }],
  }
}

function lbEndpoint(deployment: FaasEndpoint, classes: readonly string[]): WireObject[] {
  const target = parseTarget(deployment.url)
  const { address } = deployment
  if (!target || address === null || isIP(address) === 0 || address.includes('%')) return []
  return [
    {
      endpoint: { address: socketAddress(address, target.port), hostname: target.hostname },
      health_status: healthStatus[deployment.health],
      load_balancing_weight: { value: Math.min(128, Math.max(1, Math.round(deployment.weight))) },
      metadata: {
        filter_metadata: {
          fado: struct({ cluster: headerText(deployment.cluster), ...toldOf(target) }),
          'envoy.lb': struct({ class: classes }),
          ...metadataOf(target),
        },
      },
    },
  ]
}

const of = (target: Target) => inSet(featuresOf(target))
const toldOf = (target: Target) => Object.assign({}, ...of(target).map((feature) => feature.told?.(target)))
const metadataOf = (target: Target): WireObject => Object.assign({}, ...of(target).map(({ metadata }) => metadata))
