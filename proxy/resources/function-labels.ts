// A call goes only where its function is, as far as that is known. Deployments of which somebody said which functions they
// have are labelled with those; the others may have any, so they are labelled with all that are named anywhere, and with
// `anyOther`. E.g. where Lambda has `resize` and an OpenFaaS says nothing, calls of `resize` go to both, and those of `blur` to
// OpenFaaS alone. What a platform lists may be seconds old: so what nobody names may be there, too.
import type { FaasEndpoint } from '../../server/domain/route/routing-table.ts'
import { any, extension, type StructValue, struct, type WireObject } from './wire.ts'

/** Of functions that nobody names. */
const anyOther = '*'

const named = ({ functions = [], listed }: FaasEndpoint): readonly string[] =>
  functions.length > 0 ? functions : (listed ?? [])

/** Whether of some deployment is known which functions it has. */
export const someAreKnown = (endpoints: readonly FaasEndpoint[]): boolean =>
  endpoints.some((endpoint) => named(endpoint).length > 0)

/**
 * The labels of each deployment. Where no deployment says which it has, all have `anyOther` alone: connections that are open
 * go on asking for a function until Envoy closes them.
 */
export function functionLabels(endpoints: readonly FaasEndpoint[]): (endpoint: FaasEndpoint) => readonly string[] {
  const any = [...new Set(endpoints.flatMap(named)), anyOther].sort()
  return (endpoint) => {
    const { functions = [], listed } = endpoint
    if (functions.length > 0) return functions
    return listed ? [...listed, anyOther] : any
  }
}

/** How an Envoy cluster is divided: by placement class, and within it by function where a call asks for one. */
export const subsets: WireObject = {
  fallback_policy: 'NO_FALLBACK',
  list_as_any: true,
  subset_selectors: [{ keys: ['class'] }, { keys: ['class', 'function'] }],
  metadata_fallback_policy: 'FALLBACK_LIST',
}

/** What calls ask for, one after the other: their function and, where nobody names that, deployments that may have any. */
const alternatives = [{}, { function: anyOther }]

const alternativesFilter = 'envoy.filters.http.set_metadata'

/** Makes each call ask for its function and its alternative. */
export const askForFunction: readonly WireObject[] = [
  extension(alternativesFilter, 'envoy.extensions.filters.http.set_metadata.v3.Config', {
    metadata: [{ metadata_namespace: 'envoy.lb', value: struct({ fallback_list: alternatives }) }],
  }),
  extension('envoy.filters.http.header_to_metadata', 'envoy.extensions.filters.http.header_to_metadata.v3.Config', {
    request_rules: [
      {
        header: ':path',
        on_header_present: {
          metadata_namespace: 'envoy.lb',
          key: 'function',
          type: 'STRING',
          regex_value_rewrite: { pattern: { regex: '^/function/([^/?]*).*$' }, substitution: '\\1' },
        },
        remove: false,
      },
    ],
  }),
]

/** Which endpoints a route's calls ask for, by their labels, and filters that are set otherwise on the route. */
export type Asked = {
  readonly hosts: Readonly<Record<string, StructValue>>
  readonly filters?: WireObject
}

/**
 * For a route whose calls ask several placement classes in turn. Envoy has one list of what is asked in turn, and a call's own
 * goes before its route's: so the call gets none here, and the route has both.
 */
export const askInTurn = (classIds: readonly string[]): Asked => ({
  hosts: {
    fallback_list: classIds.flatMap((id) => alternatives.map((alternative) => ({ class: id, ...alternative }))),
  },
  filters: { [alternativesFilter]: any('envoy.config.route.v3.FilterConfig', { disabled: true }) },
})
