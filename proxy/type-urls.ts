/** The kinds of resources that FaDO serves, in the order in which Envoy must get them: clusters first. */
export const resourceTypes = [
  'cluster',
  'endpoints',
  'secret',
  'listener',
  'filter',
  'table',
  'scope',
  'runtime',
] as const
export type ResourceType = (typeof resourceTypes)[number]

/**
 * Protobuf message names. All are Envoy's words: `cluster` is an EnvoyCluster, `filter` is a listener's filter that changes
 * without the listener (ECDS), `table` a RouteConfiguration (RDS), `scope` a ScopedRouteConfiguration (SRDS), `runtime` values
 * that change without what asks for them (RTDS).
 */
export const messageNames: Readonly<Record<ResourceType, string>> = {
  cluster: 'envoy.config.cluster.v3.Cluster',
  endpoints: 'envoy.config.endpoint.v3.ClusterLoadAssignment',
  secret: 'envoy.extensions.transport_sockets.tls.v3.Secret',
  listener: 'envoy.config.listener.v3.Listener',
  filter: 'envoy.config.core.v3.TypedExtensionConfig',
  table: 'envoy.config.route.v3.RouteConfiguration',
  scope: 'envoy.config.route.v3.ScopedRouteConfiguration',
  runtime: 'envoy.service.runtime.v3.Runtime',
}

export const typeUrl = (messageName: string) => `type.googleapis.com/${messageName}`

const byUrl = new Map(resourceTypes.map((type) => [typeUrl(messageNames[type]), type]))

/** The kind behind a type URL that Envoy names; undefined for one that FaDO does not serve. */
export const resourceTypeOf = (url: string): ResourceType | undefined => byUrl.get(url)
