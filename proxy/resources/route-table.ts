import { misleadingPath } from '../../server/domain/explain/function-path.ts'
import { decisionName, type RouteTable } from '../../server/domain/route/routing-table.ts'
import { balancers } from './balancers/balancers.ts'
import { calls } from './calls.ts'
import { evidence } from './evidence.ts'
import { type Asked, askInTurn } from './function-labels.ts'
import { envoyClusterName, tableName } from './names.ts'
import { classesOf, servedBy } from './placement-classes.ts'
import { duration, struct, type WireObject } from './wire.ts'

/** Which deployments: those of its class, or of the first of its classes that has one that is well. */
function asked(table: RouteTable): Asked {
  const [id = '', ...others] = classesOf(table).keys()
  return others.length === 0 ? { hosts: { class: id } } : askInTurn([id, ...others])
}

function hashOf(table: RouteTable) {
  const { hashPolicy } = balancers[servedBy(table)]
  return hashPolicy ? { hash_policy: [hashPolicy] } : {}
}

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
          { match: { safe_regex: { regex: `(?i)${misleadingPath}` } }, direct_response: { status: 404 } },
          ...calls(table, filters ? { typed_per_filter_config: filters } : {}, {
            cluster: envoyClusterName(servedBy(table)),
            metadata_match: { filter_metadata: { 'envoy.lb': struct(hosts) } },
            ...hashOf(table),
            // From the first byte of the call to the last of its answer, stalls and retries included. Envoy's other limit
            // begins when the request is complete: a caller who never ends it would never meet it.
            max_stream_duration: { max_stream_duration: duration(table.timeoutMs) },
            timeout: duration(0),
          }),
          { match: { prefix: '/' }, direct_response: { status: 404 } },
        ],
        request_headers_to_remove: ['x-envoy-external-address'],
        response_headers_to_add: evidence(decisionName(tableId, table)),
      },
    ],
  }
}
