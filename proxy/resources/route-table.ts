import { contentId } from '../../server/content-id.ts'
import type { Caller } from '../../server/domain/callers/caller.ts'
import type { CallKind } from '../../server/domain/fleet/call-kind.ts'
import { misleadingPath } from '../../server/domain/route/function-path.ts'
import { askedInTurn, decisionName, type RouteTable } from '../../server/domain/route/routing-table.ts'
import { balancers } from './balancers/balancers.ts'
import { guarded, type Route } from './callers/guard.ts'
import { lookAtTokens, tokenHeader } from './callers/tokens.ts'
import { evidence } from './evidence.ts'
import { type Asked, askForFunctionFirst, askInTurn } from './function-labels.ts'
import { functionRoutes } from './function-routes.ts'
import { envoyClusterName, tableName } from './names.ts'
import { classId, envoyPolicyOf, ofOthers } from './placement-classes.ts'
import { asDecided, type EnvoyTable } from './starting.ts'
import { duration, struct, type WireObject } from './wire.ts'

/** Which deployments: those of its class, or of the first of its classes that has one that is well. */
function asked(table: RouteTable): Asked {
  const [id = '', ...others] = askedInTurn(table).map((clusters) => classId({ clusters }))
  return others.length === 0 ? { hosts: { class: id } } : askInTurn([id, ...others])
}

const inClasses = (hosts: Asked['hosts']) => ({ metadata_match: { filter_metadata: { 'envoy.lb': struct(hosts) } } })

/**
 * Where calls go, and what filters are set otherwise for them. While a cluster starts, most calls ask for the others first, and
 * for it where none of those is well.
 */
function destination(table: EnvoyTable): {
  readonly to: (envoyCluster: string) => WireObject
  readonly filters?: WireObject | undefined
} {
  if (!table.starting) {
    const { hosts, filters } = asked(table)
    return { to: (cluster) => ({ cluster, ...inClasses(hosts) }), filters }
  }
  const { percent } = table.starting
  const [others, all] = [classId(ofOthers(table, table.starting)), classId({ clusters: table.clusters })]
  const [othersFirst, alike] = [askForFunctionFirst([others, all]), askForFunctionFirst([all])]
  const part = (name: string, weight: number, { hosts }: Asked) => ({
    name,
    weight: { value: weight },
    ...inClasses(hosts),
  })
  return {
    to: (name) => ({
      weighted_clusters: { clusters: [part(name, 100 - percent, othersFirst), part(name, percent, alike)] },
    }),
    filters: alike.filters,
  }
}

function hashOf(table: RouteTable) {
  const { hashPolicy } = balancers[envoyPolicyOf(table)]
  return hashPolicy ? { hash_policy: [hashPolicy] } : {}
}

/**
 * From the first byte of the call to the last of its answer, stalls and retries included. Envoy's other limit begins when the
 * request is complete: a caller who never ends it would never meet it. A call of gRPC says itself until when it is waited for, and
 * its server is told whichever is first.
 */
const lasting = (timeoutMs: number, kind: CallKind): WireObject => ({
  max_stream_duration: duration(timeoutMs),
  ...(kind === 'grpc' ? { grpc_timeout_header_max: duration(timeoutMs) } : {}),
})

/** Envoy's own. */
const ownAddressHeader = 'x-envoy-external-address'

/** What a table is made from beside its content. */
export type TableInputs = {
  /** Those that calls are told apart by. */
  readonly kinds: readonly CallKind[]
  /** By id. */
  readonly callers: ReadonlyMap<string, Caller>
  /** Who signs the client certificates of callers, in PEM; undefined: none is known by one. */
  readonly authority: string | undefined
}

/**
 * A bucket's calls, by one table. A placement class that no deployment has (as of no clusters) is answered 503 by Envoy
 * itself.
 */
export function buildRouteTable(tableId: string, table: EnvoyTable, known: TableInputs): WireObject {
  const { to, filters } = destination(table)
  const routes = [
    { match: { safe_regex: { regex: `(?i)${misleadingPath}` } }, direct_response: { status: 404 } },
    ...functionRoutes(table, known.kinds, (kind) => ({
      ...to(envoyClusterName(envoyPolicyOf(table), kind)),
      ...hashOf(table),
      max_stream_duration: lasting(table.timeoutMs, kind),
      timeout: duration(0),
    })),
    { match: { prefix: '/' }, direct_response: { status: 404 } },
  ]
  const decided = table.starting ? contentId(asDecided(table)) : tableId
  const said = evidence(decisionName(decided, table))
  return {
    name: tableName(tableId),
    virtual_hosts: [
      {
        name: 'functions',
        domains: ['*'],
        ...answers(table, routes, said, known),
        // Which filters look at a call is settled by its first route, before it is known who calls: so all routes say the same.
        ...perFilter({ ...filters, ...(table.callers ? lookAtTokens : {}) }),
      },
    ],
  }
}

const perFilter = (filters: WireObject): WireObject =>
  Object.keys(filters).length === 0 ? {} : { typed_per_filter_config: filters }

/** Who is refused by a guarded table is told nothing of it. */
function answers(
  { callers: ids }: RouteTable,
  routes: readonly Route[],
  said: readonly WireObject[],
  { callers, authority }: Omit<TableInputs, 'kinds'>,
): WireObject {
  if (!ids) return { routes, request_headers_to_remove: [ownAddressHeader], response_headers_to_add: said }
  const told = routes.map((route) => ({ ...route, response_headers_to_add: said }))
  return {
    routes: guarded(
      told,
      ids.flatMap((id) => callers.get(id) ?? []),
      authority,
    ),
    request_headers_to_remove: [ownAddressHeader, tokenHeader],
  }
}
