// How Envoy is told which deployments a call asks for, by its placement class and its function (domain/fleet/function-labels.ts).
import { anyOther } from '../../server/domain/fleet/function-labels.ts'
import { any, extension, struct, type WireObject } from './wire.ts'

/** How an Envoy cluster is divided: by placement class, and within it by function where a call asks for one. */
export const subsets: WireObject = {
  fallback_policy: 'NO_FALLBACK',
  list_as_any: true,
  subset_selectors: [{ keys: ['class'] }, { keys: ['class', 'function'] }],
  metadata_fallback_policy: 'FALLBACK_LIST',
}

/** As `askedFor` says: the function of the call is in its own metadata. */
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
  readonly hosts: WireObject
  readonly filters?: WireObject
}

/**
 * For a route whose calls ask for several things in turn. Envoy has one list of that, and a call's own goes before its route's: so
 * the call gets none here, and the route has both.
 */
const inTurn = (list: readonly WireObject[]): Asked => ({
  hosts: { fallback_list: [...list] },
  filters: { [alternativesFilter]: any('envoy.config.route.v3.FilterConfig', { disabled: true }) },
})

/** One placement class after the other: whoever of the first may have the function goes before all of the next. */
export const askInTurn = (classIds: readonly string[]): Asked =>
  inTurn(classIds.flatMap((id) => alternatives.map((alternative) => ({ class: id, ...alternative }))))

/** Who surely has the function first, of one class after the other; then who may have it. */
export const askForFunctionFirst = (classIds: readonly string[]): Asked =>
  inTurn(alternatives.flatMap((alternative) => classIds.map((id) => ({ class: id, ...alternative }))))
