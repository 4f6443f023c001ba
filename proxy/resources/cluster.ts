import type { LbPolicy } from '../../server/domain/policy/lb-policy.ts'
import { endpointsName, envoyClusterName, type Feature, includes } from './names.ts'
import { httpProtocolOptions } from './upstream-filters.ts'
import { adsSource, duration, extension, struct, typedStruct, type WireObject } from './wire.ts'

const lb = (name: string, fields: WireObject = {}): WireObject => ({
  policies: [
    {
      typed_extension_config: extension(
        `envoy.load_balancing_policies.${name}`,
        `envoy.extensions.load_balancing_policies.${name}.v3.${messageOf[name]}`,
        fields,
      ),
    },
  ],
})
const messageOf: Readonly<Record<string, string>> = {
  round_robin: 'RoundRobin',
  least_request: 'LeastRequest',
  maglev: 'Maglev',
  subset: 'Subset',
}

const balancers: Readonly<Record<LbPolicy, WireObject>> = {
  round_robin: lb('round_robin'),
  // The least of five drawn at random: of two deployments the busier one is taken once in 32 calls. A look at all of them
  // would be exact, but never lead a second try past a dead one, which has no calls and so always the fewest.
  least_request: lb('least_request', { choice_count: { value: 5 } }),
  // Envoy's own Random ignores weights. Maglev without a hash to look up draws a random one, and honours them; a small
  // table (a prime) keeps a weight within a percent and costs 16 KB for each class.
  random: lb('maglev', { table_size: { value: 4093 } }),
}

/** Deployments of all clusters are in each Envoy cluster; a route picks its placement class out of them. */
const ofClass = (balancer: WireObject) =>
  lb('subset', {
    fallback_policy: 'NO_FALLBACK',
    list_as_any: true,
    subset_selectors: [{ keys: ['class'] }],
    subset_lb_policy: balancer,
  })

const plainSocket = extension(
  'envoy.transport_sockets.raw_buffer',
  'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer',
)
const tlsSocket = (trustedCa: string): WireObject => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: typedStruct('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
    auto_host_sni: true,
    auto_sni_san_validation: true,
    common_tls_context: { validation_context: { trusted_ca: { inline_string: trustedCa } } },
  }),
})
/** The match that takes all must come last. */
const socketMatches = (trustedCa: string): WireObject => ({
  transport_socket_matches: [
    { name: 'tls', match: struct({ tls: true }), transport_socket: tlsSocket(trustedCa) },
    { name: 'plain', match: struct({}), transport_socket: plainSocket },
  ],
})

const many = { value: 1_000_000 }

/** `trustedCa`: certificates in PEM that https deployments are checked against; used with feature `tls` only. */
export const buildEnvoyCluster = (policy: LbPolicy, feature: Feature, trustedCa: string): WireObject => ({
  name: envoyClusterName(policy),
  type: 'EDS',
  eds_cluster_config: { service_name: endpointsName(policy, feature), eds_config: adsSource },
  connect_timeout: duration(1000),
  load_balancing_policy: ofClass(balancers[policy]),
  ...(feature === 'tls' ? socketMatches(trustedCa) : {}),
  typed_extension_protocol_options: httpProtocolOptions(includes(feature, 'rewrite')),
  common_lb_config: {
    // No call goes to a deployment known to be down, even when all are.
    healthy_panic_threshold: { value: 0 },
    // Merging would delay a change of health by up to a second.
    update_merge_window: duration(0),
  },
  ignore_health_on_host_removal: true,
  circuit_breakers: {
    thresholds: [{ max_connections: many, max_pending_requests: many, max_requests: many, max_retries: many }],
  },
  outlier_detection: outlierDetection,
})

/**
 * Takes out a deployment that this Envoy cannot reach, until it can: one of which, within a second, at least ten tries failed
 * and none met an open connection. A connection that a function resets counts as a failure too, but each such try had been
 * given its connection before, and that counts as a success: so it never takes out a deployment that lives, which may be a
 * bucket's only one. What functions answer counts as nothing. The control plane probes the rest.
 */
const outlierDetection: WireObject = {
  split_external_local_origin_errors: true,
  interval: duration(1000),
  enforcing_failure_percentage_local_origin: { value: 100 },
  failure_percentage_threshold: { value: 100 },
  failure_percentage_minimum_hosts: { value: 1 },
  failure_percentage_request_volume: { value: 10 },
  enforcing_consecutive_local_origin_failure: { value: 0 },
  enforcing_local_origin_success_rate: { value: 0 },
  enforcing_consecutive_5xx: { value: 0 },
  enforcing_consecutive_gateway_failure: { value: 0 },
  enforcing_success_rate: { value: 0 },
  enforcing_failure_percentage: { value: 0 },
  base_ejection_time: duration(1000),
  max_ejection_time: duration(5000),
  max_ejection_percent: { value: 100 },
  always_eject_one_host: { value: true },
}
