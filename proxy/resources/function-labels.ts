// A call goes only where its function is, as far as that is known. Deployments that say which functions they have are labelled
// with those; the others may have any, so they are labelled with all that are named anywhere, and with `anyOther`. E.g. where
// Lambda has `resize` and an OpenFaaS says nothing, calls of `resize` go to both, and those of `blur` to OpenFaaS alone.
import type { FaasEndpoint } from '../../server/domain/route/routing-table.ts'
import { extension, struct, type WireObject } from './wire.ts'

/** Of functions that nobody names. */
const anyOther = '*'

/** Whether some deployment says which functions it has. */
export const someAreKnown = (endpoints: readonly FaasEndpoint[]): boolean =>
  endpoints.some(({ functions = [] }) => functions.length > 0)

/**
 * The labels of each deployment. Where no deployment says which it has, all have `anyOther` alone: connections that are open
 * go on asking for a function until Envoy closes them.
 */
export function functionLabels(endpoints: readonly FaasEndpoint[]): (endpoint: FaasEndpoint) => readonly string[] {
  const any = [...new Set(endpoints.flatMap(({ functions = [] }) => functions)), anyOther].sort()
  return ({ functions = [] }) => (functions.length > 0 ? functions : any)
}

/** How an Envoy cluster is divided: by placement class, and within it by function where a call asks for one. */
export const subsets: WireObject = {
  fallback_policy: 'NO_FALLBACK',
  list_as_any: true,
  subset_selectors: [{ keys: ['class'] }, { keys: ['class', 'function'] }],
  metadata_fallback_policy: 'FALLBACK_LIST',
}

/** Makes each call ask for its function and, where nobody names that, for deployments that may have any. */
export const askForFunction: readonly WireObject[] = [
  extension('envoy.filters.http.set_metadata', 'envoy.extensions.filters.http.set_metadata.v3.Config', {
    metadata: [
      {
        metadata_namespace: 'envoy.lb',
        value: struct({ fallback_list: [{}, { function: anyOther }] }),
      },
    ],
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
