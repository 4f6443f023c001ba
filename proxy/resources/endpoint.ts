import { isIP } from 'node:net'
import type { LbPolicy } from '../../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint } from '../../server/domain/route/routing-table.ts'
import { endpointsName, type Feature, includes } from './names.ts'
import { socketAddress, struct, type WireObject } from './wire.ts'

/** Where a deployment's url leads, as far as Envoy is concerned. */
export type Target = {
  readonly tls: boolean
  readonly port: number
  /**
   * For SNI and the certificate's name; '' for an IP address over plain http. Envoy compares certificates with names only:
   * https to an IP address is never trusted.
   */
  readonly hostname: string
  /** The Host header that the deployment wants; null = the client's own. */
  readonly host: string | null
  /** Put before the path of each call; '' = nothing. */
  readonly base: string
}

/** undefined: not a url that calls can be sent to. */
export function parseTarget(url: string): Target | undefined {
  const parsed = URL.parse(url)
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol) || parsed.hostname === '') return undefined
  const tls = parsed.protocol === 'https:'
  const port = parsed.port === '' ? (tls ? 443 : 80) : Number(parsed.port)
  if (port === 0) return undefined
  const address = parsed.hostname.replace(/^\[(.*)\]$/, '$1')
  const named = tls || isIP(address) === 0
  return {
    tls,
    port,
    hostname: named ? address : '',
    host: named ? parsed.host : null,
    base: parsed.pathname.replace(/\/+$/, ''),
  }
}

export function featureOf(endpoint: FaasEndpoint): Feature {
  const target = parseTarget(endpoint.url)
  if (target?.tls) return 'tls'
  return target && (target.host !== null || target.base !== '') ? 'rewrite' : 'plain'
}

const healthStatus = { healthy: 'HEALTHY', unhealthy: 'UNHEALTHY' } as const

/** Header values hold visible ASCII; anything else in a cluster's name is percent-encoded. */
const headerText = (text: string) => text.replace(/[^\x21-\x7e]+/gu, (part) => encodeURIComponent(part.toWellFormed()))

/** Placement classes by id: the names of the clusters in each. */
export type Classes = ReadonlyMap<string, readonly string[]>

/**
 * The endpoints of one Envoy cluster. One bad deployment must not cost Envoy the whole list, so what Envoy would refuse
 * (no address, a url that leads nowhere) is left out, and so is what the cluster's feature does not cover.
 */
export function buildEndpoints(
  policy: LbPolicy,
  feature: Feature,
  deployments: readonly FaasEndpoint[],
  classes: Classes,
): WireObject {
  const byCluster = new Map<string, string[]>()
  for (const [id, clusters] of classes)
    for (const cluster of clusters) byCluster.set(cluster, [...(byCluster.get(cluster) ?? []), id])
  const entries = deployments
    .filter((deployment) => includes(feature, featureOf(deployment)))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((deployment) => lbEndpoint(deployment, feature, (byCluster.get(deployment.cluster) ?? []).toSorted()))
  return {
    cluster_name: endpointsName(policy, feature),
    endpoints: entries.length === 0 ? [] : [{ lb_endpoints: entries }],
  }
}

function lbEndpoint(deployment: FaasEndpoint, feature: Feature, classes: readonly string[]): WireObject[] {
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
          fado: struct({
            cluster: headerText(deployment.cluster),
            ...(includes(feature, 'rewrite') && target.base !== '' ? { base: target.base } : {}),
            ...(includes(feature, 'rewrite') && target.host !== null ? { host: target.host } : {}),
          }),
          'envoy.lb': struct({ class: classes }),
          ...(target.tls ? { 'envoy.transport_socket_match': struct({ tls: true }) } : {}),
        },
      },
    },
  ]
}
