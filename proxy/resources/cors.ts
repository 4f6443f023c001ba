// Calls by scripts of other origins (https://fetch.spec.whatwg.org/#http-cors-protocol). Browsers ask first, by a preflight,
// whether a script may send the header that names the bucket. A preflight cannot send it itself, so it finds no route, and
// Envoy answers it by the policy cors_origins, in its answers for calls without a route (local-replies.ts).
import { header, isThere, some } from './answer-filters.ts'
import { any, extension, headerPredicate, setHeader, skipFilter, type WireObject } from './wire.ts'

/** How long a browser may go by the answer to a preflight, in seconds; so long a change of the policy may go unseen. */
const maxAge = 600

const anyOrigin = (origins: readonly string[]) => origins.includes('*')

/** Holds for a preflight, as a filter of an answer. One that names a bucket is none: it goes to the function. */
export const isPreflight: readonly WireObject[] = [
  header(':method', { string_match: { exact: 'OPTIONS' } }),
  header('origin', isThere),
  header('access-control-request-method', isThere),
]

/** Holds where the caller's origin is allowed. `origins` must not be empty. */
export const fromAllowed = (origins: readonly string[]): WireObject => {
  const filters = origins.map((origin) => header('origin', { string_match: { exact: origin } }))
  const [first] = filters
  if (anyOrigin(origins)) return header('origin', isThere)
  return filters.length === 1 && first ? first : some(...filters)
}

/** What an allowed preflight is told besides the headers of all answers: any method, any header. */
export const preflightHeaders: readonly WireObject[] = [
  setHeader('access-control-allow-methods', '%REQ(access-control-request-method)%'),
  setHeader('access-control-allow-headers', '%REQ(access-control-request-headers)%'),
  setHeader('access-control-max-age', String(maxAge)),
]

/** Lets a script read every answer, FaDO's own included. */
const answerHeaders = (...headers: readonly WireObject[]): WireObject =>
  any('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
    mutations: {
      response_mutations: [...headers, setHeader('access-control-expose-headers', '*')].map((append) => ({ append })),
    },
  })

const filterName = 'envoy.filters.http.header_mutation'
const allowOrigin = 'access-control-allow-origin'
const varyByOrigin: WireObject = { header: { key: 'vary', value: 'origin' }, append_action: 'APPEND_IF_EXISTS_OR_ADD' }

/** The filter that adds these headers to the answers for allowed origins. No filter where the policy names none. */
export function corsFilters(origins: readonly string[]): WireObject[] {
  if (origins.length === 0) return []
  if (anyOrigin(origins)) return [{ name: filterName, typed_config: answerHeaders(setHeader(allowOrigin, '*')) }]
  const named = origins.map((origin) => headerPredicate('origin', { exact: origin }))
  const [first] = named
  const isAllowed = named.length === 1 && first ? first : { or_matcher: { predicate: named } }
  return [
    extension('fado.cors', 'envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
      extension_config: {
        name: filterName,
        typed_config: answerHeaders(setHeader(allowOrigin, '%REQ(origin)%'), varyByOrigin),
      },
      xds_matcher: {
        matcher_list: { matchers: [{ predicate: { not_matcher: isAllowed }, on_match: skipFilter }] },
      },
    }),
  ]
}
