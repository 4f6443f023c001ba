// How resources are named. Names say what a resource is for; what a name holds never needs a look-up elsewhere.
import { type CallKind, callKinds } from '../../server/domain/fleet/call-kind.ts'
import { type LbPolicy, lbPolicies } from '../../server/domain/policy/lb-policy.ts'
import { type FeatureSet, nameOfSet, parseSet } from './features/features.ts'
import { nameOfSettings, type UpstreamSettings } from './upstream-settings.ts'

/** The listener that takes calls. */
export const ingressListener = 'ingress'
/** The same over TLS, where the ingress speaks it. */
export const tlsListener = 'ingress-tls'
/**
 * A listener that binds no port. It makes a starting Envoy load scopes and tables before the ingress listener opens, so
 * that no known bucket is answered 404 meanwhile.
 */
export const warmingListener = 'warming'
export const listeners = [warmingListener, ingressListener, tlsListener] as const

/** The way inside of Envoy to deployments that share an address: a listener and an Envoy cluster of its bootstrap. */
export const sharedAddressWay = 'fado_shared_address'

/** Where the control planes are, in the bootstrap. What is sent there proves whose it is. */
export const controlPlaneCluster = 'fado_xds'

/**
 * One Envoy cluster per load-balancing policy, so that LEAST_REQUEST counts a host's calls over all buckets, and per kind of
 * calls, for an Envoy cluster speaks one protocol. E.g. `fado/random`, `fado/grpc/random`.
 */
export const envoyClusterName = (policy: LbPolicy, kind: CallKind = 'plain') =>
  kind === 'plain' ? `fado/${policy}` : `fado/${kind}/${policy}`

/** Which Envoy cluster it is. */
export type Upstream = { readonly policy: LbPolicy; readonly kind: CallKind }
const everyUpstream: readonly Upstream[] = lbPolicies.flatMap((policy) => callKinds.map((kind) => ({ policy, kind })))
/** undefined: no Envoy cluster of this version. */
export const parseEnvoyClusterName = (name: string): Upstream | undefined =>
  everyUpstream.find(({ policy, kind }) => envoyClusterName(policy, kind) === name)

/**
 * The endpoints of an Envoy cluster have a name per set of features and settings: a cluster that changes asks for its
 * endpoints under a new name, `fado/round_robin/plain/slow=30000` in place of `fado/round_robin/plain`. An update under the
 * old name stalls for 15 s, because Envoy does not ask again for a name that it has.
 */
export function endpointsName(
  policy: LbPolicy,
  set: FeatureSet,
  settings: UpstreamSettings,
  kind: CallKind = 'plain',
): string {
  const extra = nameOfSettings(settings)
  return `${envoyClusterName(policy, kind)}/${nameOfSet(set)}${extra === '' ? '' : `/${extra}`}`
}

/** undefined: no name of endpoints. */
export function parseEndpointsName(name: string): (Upstream & { readonly set: FeatureSet }) | undefined {
  const inCluster = ({ policy, kind }: Upstream) => `${envoyClusterName(policy, kind)}/`
  const upstream = everyUpstream.find((one) => name.startsWith(inCluster(one)))
  const [features = ''] = upstream ? name.slice(inCluster(upstream).length).split('/') : []
  const set = upstream && parseSet(features)
  return set && { ...upstream, set }
}

export const tableName = (tableId: string) => `table/${tableId}`
export const parseTableName = (name: string) => (name.startsWith('table/') ? name.slice(6) : undefined)

export const bucketScopeName = (bucket: string) => `bucket/${bucket}`
export const pinScopeName = (tableId: string) => `pin/${tableId}`
/** What a scope of Envoy (a ScopedRouteConfiguration) is for. Not a policy's scope. */
export type ScopeResource = { readonly bucket: string } | { readonly pin: string }
export const parseScopeName = (name: string): ScopeResource | undefined => {
  if (name.startsWith('bucket/')) return { bucket: name.slice(7) }
  if (name.startsWith('pin/')) return { pin: name.slice(4) }
  return undefined
}
