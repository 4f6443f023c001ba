import type { RouteTable } from '../../server/domain/route/routing-table.ts'
import { evidence } from './evidence.ts'
import { envoyClusterName, tableName } from './names.ts'
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
 * past clusters that are dead, also where a cluster has a few deployments.
 */
const retries = (clusters: number) => Math.min(8, 3 * Math.max(1, clusters - 1))
/** How often a deployment is drawn for a try until it is a new one; LEAST_REQUEST draws a dead one 31 times of 32. */
const drawsPerTry = 200

const decision = (tableId: string, { lbPolicy }: RouteTable) => `${tableId};${lbPolicy}`

/**
 * A bucket's calls, by one table. `classId` names the clusters that may serve; one that no deployment has (as for an
 * empty list) is answered 503 by Envoy itself.
 */
export const buildRouteTable = (tableId: string, table: RouteTable, classId: string): WireObject => ({
  name: tableName(tableId),
  virtual_hosts: [
    {
      name: 'functions',
      domains: ['*'],
      routes: [
        { match: { safe_regex: { regex: misleadingPath } }, direct_response: { status: 404 } },
        {
          match: { prefix: '/function/' },
          route: {
            cluster: envoyClusterName(table.lbPolicy),
            metadata_match: { filter_metadata: { 'envoy.lb': struct({ class: classId }) } },
            // From the first byte of the call to the last of its answer, stalls and retries included. Envoy's other limit
            // begins when the request is complete: a caller who never ends it would never meet it.
            max_stream_duration: { max_stream_duration: duration(table.timeoutMs) },
            timeout: duration(0),
            retry_policy: {
              // Only what surely has not reached a function is tried again: no connection, or one that ended before the
              // head was written. A connection reset later is not, whatever the method: the function may have run.
              retry_on: 'connect-failure,refused-stream,reset-before-request',
              num_retries: { value: retries(table.clusters.length) },
              retry_back_off: { base_interval: duration(2), max_interval: duration(20) },
              retry_host_predicate: [
                {
                  name: 'envoy.retry_host_predicates.previous_hosts',
                  typed_config: any('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'),
                },
              ],
              host_selection_retry_max_attempts: drawsPerTry,
            },
          },
        },
        { match: { prefix: '/' }, direct_response: { status: 404 } },
      ],
      request_headers_to_remove: ['x-envoy-external-address'],
      response_headers_to_add: evidence(decision(tableId, table)),
    },
  ],
})
