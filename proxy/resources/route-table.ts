import type { RouteTable } from '../../server/domain/route/routing-table.ts'
import { balancers } from './balancers/balancers.ts'
import { evidence } from './evidence.ts'
import { type Asked, askInTurn } from './function-labels.ts'
import { envoyClusterName, tableName } from './names.ts'
import { classesOf, servedBy } from './placement-classes.ts'
import { any, duration, struct, type WireObject } from './wire.ts'

/**
 * What calls no function: `/function/` alone or with an empty name, and paths with a segment `.` or `..`, plain or
 * escaped, next to slashes or backslashes of either kind. Calls pass unchanged, so such a path is refused rather than
 * resolved: a function server might resolve it itself and so step out of the function.
 */
const misleadingPath = (() => {
  const separator = '(?:[/\\\\]|%2f|%5c)'
  return `(?i)/function/(?:/.*)?|.*${separator}(?:[.]|%2e){1,2}(?:(?:;|${separator}).*)?`
})()

/**
 * Each try goes to a deployment that this call has not tried yet: three for each cluster but the last reach a living one
 * past clusters that are dead, also where a cluster has a few deployments. In order, each takes as many as it has until it
 * is out.
 */
function retries(table: RouteTable) {
  const { inOrder } = balancers[servedBy(table)]
  return Math.min(8, 3 * Math.max(1, table.clusters.length - 1)) * (inOrder?.failures ?? 1)
}

/** Which deployments: those of its class, or of the first of its classes that has one that is well. */
function asked(table: RouteTable): Asked {
  const [id = '', ...others] = classesOf(table).keys()
  return others.length === 0 ? { hosts: { class: id } } : askInTurn([id, ...others])
}

function hashOf(table: RouteTable) {
  const { hashPolicy } = balancers[servedBy(table)]
  return hashPolicy ? { hash_policy: [hashPolicy] } : {}
}

const decision = (tableId: string, { lbPolicy }: RouteTable) => `${tableId};${lbPolicy}`

/**
 * A bucket's calls, by one table. A placement class that no deployment has (as of no clusters) is answered 503 by Envoy
 * itself.
 */
export function buildRouteTable(tableId: string, table: RouteTable): WireObject {
  const { hosts, filters } = asked(table)
  return {
    name: tableName(tableId),
    virtual_hosts: [
      {
        name: 'functions',
        domains: ['*'],
        routes: [
          { match: { safe_regex: { regex: misleadingPath } }, direct_response: { status: 404 } },
          {
            match: { prefix: '/function/' },
            ...(filters ? { typed_per_filter_config: filters } : {}),
            route: {
              cluster: envoyClusterName(servedBy(table)),
              metadata_match: { filter_metadata: { 'envoy.lb': struct(hosts) } },
              ...hashOf(table),
              // From the first byte of the call to the last of its answer, stalls and retries included. Envoy's other limit
              // begins when the request is complete: a caller who never ends it would never meet it.
              max_stream_duration: { max_stream_duration: duration(table.timeoutMs) },
              timeout: duration(0),
              retry_policy: {
                // Only what surely has not reached a function is tried again: no connection, or one that ended before the
                // head was written. A connection reset later is not, whatever the method: the function may have run.
                retry_on: 'connect-failure,refused-stream,reset-before-request',
                num_retries: { value: retries(table) },
                retry_back_off: { base_interval: duration(2), max_interval: duration(20) },
                retry_host_predicate: [
                  {
                    name: 'envoy.retry_host_predicates.previous_hosts',
                    typed_config: any('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'),
                  },
                ],
                host_selection_retry_max_attempts: balancers[servedBy(table)].drawsPerTry ?? 200,
              },
            },
          },
          { match: { prefix: '/' }, direct_response: { status: 404 } },
        ],
        request_headers_to_remove: ['x-envoy-external-address'],
        response_headers_to_add: evidence(decision(tableId, table)),
      },
    ],
  }
}
