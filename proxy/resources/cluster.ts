import { type Balancer, hostChoice } from './balancers/balancer.ts'
import { balancers } from './balancers/balancers.ts'
import { type FeatureSet, inSet } from './features/features.ts'
import { subsets } from './function-labels.ts'
import { endpointsName, envoyClusterName, type Upstream } from './names.ts'
import type { Target } from './target.ts'
import { upstreamHttp } from './upstream-http.ts'
import type { UpstreamSettings } from './upstream-settings.ts'
import { adsSource, duration, type WireObject } from './wire.ts'

/** Deployments of all clusters are in each Envoy cluster; a route picks its placement class out of them. */
const ofClass = (ofHosts: WireObject) => hostChoice('subset', 'Subset', { ...subsets, subset_lb_policy: ofHosts })

/** What comes anew begins with a tenth of its share, Envoy's default, and has all of it when the time is over. */
const slowStart = ({ slowStartMs }: UpstreamSettings): WireObject =>
  slowStartMs === 0 ? {} : { slow_start_config: { slow_start_window: duration(slowStartMs) } }

/** A call has a connection of its own (upstream-http.ts). More wait in Envoy for one that gets free. */
const atOnce = ({ callsAtOnce }: UpstreamSettings): WireObject =>
  callsAtOnce === null ? {} : { per_host_thresholds: [{ max_connections: { value: callsAtOnce } }] }

const many = { value: 1_000_000 }

/** `all`: every deployment. `trustedCa`: certificates in PEM that https deployments are checked against. */
export const buildEnvoyCluster = (
  { policy, kind }: Upstream,
  set: FeatureSet,
  settings: UpstreamSettings,
  all: readonly Target[],
  trustedCa: string,
): WireObject => ({
  name: envoyClusterName(policy, kind),
  type: 'EDS',
  eds_cluster_config: { service_name: endpointsName(policy, set, settings, kind), eds_config: adsSource },
  connect_timeout: duration(1000),
  load_balancing_policy: ofClass(balancers[policy].policy(slowStart(settings))),
  ...Object.assign({}, ...inSet(set).map(({ fields }) => fields?.(all, trustedCa))),
  typed_extension_protocol_options: upstreamHttp(kind, inSet(set), all),
  common_lb_config: {
    // No call goes to a deployment known to be down, even when all are.
    healthy_panic_threshold: { value: 0 },
    // Merging would delay a change of health by up to a second.
    update_merge_window: duration(0),
  },
  ignore_health_on_host_removal: true,
  circuit_breakers: {
    thresholds: [{ max_connections: many, max_pending_requests: many, max_requests: many, max_retries: many }],
    ...atOnce(settings),
  },
  outlier_detection: outlierDetection(balancers[policy]),
})

/**
 * Takes out a deployment that this Envoy cannot reach, until it can: one of which, within 0.3 s, at least five tries failed
 * and none met an open connection. So where it is tried often enough it is out within a second. A connection that a function
 * resets counts as a failure too: Envoy does not tell the two apart. Each call that is given its connection counts as a success, so
 * one that lives is taken out, for a second, only when in such a time functions of it reset five calls or more and no call came.
 * What functions answer counts as nothing. The control plane probes the rest.
 * However often one was taken out, a second later it is asked again: it may be there again, and the one beside it gone.
 * Where clusters are asked in order failures in a row count at once: by resets, too, one that lives may be passed over for a
 * second.
 */
const outlierDetection = ({ inOrder }: Balancer): WireObject => ({
  split_external_local_origin_errors: true,
  interval: duration(300),
  enforcing_failure_percentage_local_origin: { value: 100 },
  failure_percentage_threshold: { value: 100 },
  failure_percentage_minimum_hosts: { value: 1 },
  failure_percentage_request_volume: { value: 5 },
  ...(inOrder ? { consecutive_local_origin_failure: { value: inOrder.failures } } : {}),
  enforcing_consecutive_local_origin_failure: { value: inOrder ? 100 : 0 },
  enforcing_local_origin_success_rate: { value: 0 },
  enforcing_consecutive_5xx: { value: 0 },
  enforcing_consecutive_gateway_failure: { value: 0 },
  enforcing_success_rate: { value: 0 },
  enforcing_failure_percentage: { value: 0 },
  base_ejection_time: duration(1000),
  max_ejection_time: duration(1000),
  max_ejection_percent: { value: 100 },
  always_eject_one_host: { value: true },
})
