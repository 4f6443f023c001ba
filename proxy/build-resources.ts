// Every resource whose content is not its version, as a function of its name and of what there is: no clock, no order, no state (I11).
import { contentId } from '../server/content-id.ts'
import type { Caller, Callers } from '../server/domain/callers/caller.ts'
import type { CallKind } from '../server/domain/fleet/call-kind.ts'
import type { LbPolicy } from '../server/domain/policy/lb-policy.ts'
import type { FaasEndpoint } from '../server/domain/route/routing-table.ts'
import { buildCallersFilter, callersFilter } from './resources/callers/tokens.ts'
import { buildEnvoyCluster } from './resources/cluster.ts'
import { buildEndpoints, targetsOf } from './resources/endpoint.ts'
import { type FeatureSet, nameOfSet } from './resources/features/features.ts'
import {
  buildIngressListener,
  buildTlsListener,
  buildWarmingListener,
  type Ingress,
  type ListenerInputs,
} from './resources/listener.ts'
import {
  ingressListener,
  parseEndpointsName,
  parseEnvoyClusterName,
  parseTableName,
  tlsListener,
  warmingListener,
} from './resources/names.ts'
import type { Classes } from './resources/placement-classes.ts'
import { buildRouteTable } from './resources/route-table.ts'
import { buildSecret, type IngressCertificate } from './resources/secret.ts'
import type { EnvoyTable } from './resources/starting.ts'
import { nameOfSettings, type UpstreamSettings } from './resources/upstream-settings.ts'
import type { WireObject } from './resources/wire.ts'
import type { ResourceType } from './type-urls.ts'

/** What resources are made from. */
export type ResourceInputs = {
  readonly ingress: Ingress
  readonly listenerInputs: () => ListenerInputs
  /** PEM certificates that https deployments are checked against. */
  readonly trustedCa: string
  readonly endpoints: () => readonly FaasEndpoint[]
  /** What the deployments ask of the Envoy clusters. */
  readonly features: () => FeatureSet
  /** The kinds that calls are told apart by. */
  readonly callKinds: () => readonly CallKind[]
  /** Whether endpoints are labelled with their functions. */
  readonly labelled: () => boolean
  readonly upstreams: () => UpstreamSettings
  /** The placement classes of the tables with this policy. */
  readonly classes: (policy: LbPolicy) => Classes
  /** Grows whenever the endpoints of this policy's Envoy cluster may differ. */
  readonly revision: (policy: LbPolicy) => number
  /** Grows whenever secrets may differ. */
  readonly secretsRevision: () => number
  /** Who may be let in, by id. */
  readonly callers: () => ReadonlyMap<string, Caller>
  /** Who signs the client certificates of callers, in PEM; undefined: none is known by one. */
  readonly authority: () => string | undefined
  /** What the ingress shows over TLS; undefined: it speaks none. */
  readonly ingressCertificate: () => IngressCertificate | undefined
  /** The public keys of their issuers. */
  readonly issuerKeys: () => Callers['keys']
  /** undefined: there is no such table, or nobody knows what is in it. */
  readonly table: (id: string) => EnvoyTable | undefined
}

export type BuiltType = Exclude<ResourceType, 'scope' | 'runtime'>

type Content = {
  /** What it is made from, in short: e.g. of endpoints their revision. While that stays the same, so does the resource. */
  readonly basis: (inputs: ResourceInputs, name: string) => string
  /** undefined: there is no such resource. */
  readonly build: (inputs: ResourceInputs, name: string) => WireObject | undefined
}

export const contents: Readonly<Record<BuiltType, Content>> = {
  cluster: {
    basis: ({ features, upstreams }) => `${nameOfSet(features())} ${nameOfSettings(upstreams())}`,
    build({ features, upstreams, endpoints, trustedCa }, name) {
      const upstream = parseEnvoyClusterName(name)
      return upstream && buildEnvoyCluster(upstream, features(), upstreams(), targetsOf(endpoints()), trustedCa)
    },
  },
  endpoints: {
    basis({ revision }, name) {
      const { policy } = parseEndpointsName(name) ?? {}
      return policy ? String(revision(policy)) : ''
    },
    build({ endpoints, classes, labelled }, name) {
      const parsed = parseEndpointsName(name)
      return parsed && buildEndpoints({ name, ...parsed }, endpoints(), classes(parsed.policy), labelled())
    },
  },
  secret: {
    basis: ({ secretsRevision }) => String(secretsRevision()),
    build: ({ endpoints, ingressCertificate }, name) => buildSecret(name, targetsOf(endpoints()), ingressCertificate()),
  },
  listener: {
    basis: ({ listenerInputs }) => JSON.stringify(listenerInputs()),
    build({ ingress, listenerInputs }, name) {
      if (name === ingressListener) return buildIngressListener(ingress, listenerInputs())
      if (name === tlsListener)
        return ingress.tls ? buildTlsListener(ingress.address, ingress.tls.port, listenerInputs()) : undefined
      return name === warmingListener ? buildWarmingListener(listenerInputs()) : undefined
    },
  },
  filter: {
    basis: ({ issuerKeys }) => contentId(issuerKeys()),
    build: ({ issuerKeys }, name) => (name === callersFilter ? buildCallersFilter(issuerKeys()) : undefined),
  },
  table: {
    basis({ table, callKinds, callers, authority }, name) {
      const found = table(parseTableName(name) ?? '')
      if (!found) return ''
      const kinds = `known ${callKinds().join('+')}`
      if (!found.callers) return kinds
      const known = found.callers.filter((id) => callers().has(id))
      return `${kinds} ${known.join(' ')} ${authority() ?? ''}`
    },
    build({ table, callKinds, callers, authority }, name) {
      const id = parseTableName(name) ?? ''
      const found = table(id)
      return found && buildRouteTable(id, found, { kinds: callKinds(), callers: callers(), authority: authority() })
    },
  },
}
