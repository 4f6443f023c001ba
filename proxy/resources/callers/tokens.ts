// Callers who prove by a token who they are, an issuer's or a key of FaDO's. A filter reads the token of a call, checks its
// signature, issuer and time, and notes what it says; it refuses nothing.

import { ownIssuer, ownKeyPrefix } from '../../../server/domain/callers/by-token.ts'
import type { Callers } from '../../../server/domain/callers/caller.ts'
import { typeUrl } from '../../type-urls.ts'
import { adsSource, any, type WireObject } from '../wire.ts'
import { callSays, exactly, listWith } from './call-says.ts'
import type { CallerProof } from './caller-proof.ts'

/** Whose calls the listener's filter looks at. `hides-buckets`: also those of buckets that are not there. */
export type Guard = 'none' | 'some-buckets' | 'hides-buckets'

/** Its name in the listener, in route tables, and as a resource. */
export const callersFilter = 'callers'

const messageName = 'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication'
/** Where the filter notes what a token says. */
const noted = { filter: 'envoy.filters.http.jwt_authn', key: 'token' }
/** Any of the issuers, or none: who may come in is said by the tables. */
const requirement = 'known'
/** Functions of guarded buckets do not get it. */
export const tokenHeader = 'authorization'
/** Tokens whose signature an Envoy's thread remembers. Checking one takes a tenth of a millisecond. */
const remembered = 1_000

function issuerOf(issuer: string, keys: string): WireObject {
  const own = issuer === ownIssuer
  return {
    issuer,
    local_jwks: { inline_string: keys },
    from_headers: [{ name: tokenHeader, value_prefix: `Bearer ${own ? ownKeyPrefix : ''}` }],
    payload_in_metadata: noted.key,
    // The route is chosen by what was noted; it takes the token off.
    clear_route_cache: true,
    forward: true,
    // FaDO's own keys last until their caller is deleted.
    require_expiration: !own,
    jwt_cache_config: { jwt_cache_size: remembered },
  }
}

/** The filter, as a resource of its own: keys come and go, and each change of a listener closes its connections. */
export function buildCallersFilter(keys: Callers['keys']): WireObject {
  const issuers = Object.entries(keys).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const orNone: WireObject = { allow_missing_or_failed: {} }
  // Each by its name: what is accepted as any issuer's is not remembered.
  const known = issuers.map(([name]) => ({ provider_name: name }))
  const requires: WireObject = known.length === 0 ? orNone : { requires_any: { requirements: [...known, orNone] } }
  return {
    name: callersFilter,
    typed_config: any(messageName, {
      providers: Object.fromEntries(issuers.map(([name, set]) => [name, issuerOf(name, set)])),
      requirement_map: { [requirement]: requires },
      rules: [{ match: { prefix: '/' }, requirement_name: requirement }],
    }),
  }
}

/** Where guarded tables are alone, a call of another bucket passes by the filter. */
export const noteTokens = (guard: Guard): WireObject[] =>
  guard === 'none'
    ? []
    : [
        {
          name: callersFilter,
          ...(guard === 'some-buckets' ? { disabled: true } : {}),
          config_discovery: { config_source: adsSource, type_urls: [typeUrl(messageName)] },
        },
      ]

const says = (claim: string, value: WireObject) => callSays(noted.filter, [noted.key, claim], value)
/** The claim is one of the values, or a list with one of them. */
const saysOneOf = (claim: string, values: readonly string[]): WireObject =>
  says(claim, {
    or_match: { value_matchers: values.map(exactly).flatMap((value) => [value, listWith(value)]) },
  })

export const tokens: CallerProof<'token'> = {
  isThere: () => says('iss', { present_match: true }),
  of: ({ issuer, audiences, claims }) => [
    says('iss', exactly(issuer)),
    ...(audiences.length === 0 ? [] : [saysOneOf('aud', audiences)]),
    ...claims.map(({ name, values }) => saysOneOf(name, values)),
  ],
}

/** Of a guarded table: the filter looks at its calls. */
export const lookAtTokens: WireObject = {
  [callersFilter]: any('envoy.config.route.v3.FilterConfig', {
    config: any('envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig', { requirement_name: requirement }),
  }),
}
