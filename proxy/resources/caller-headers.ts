// What callers may not say: two buckets at once, and anything in FaDO's name.
import { extension, headerPredicate, typedStruct, type WireObject } from './wire.ts'

/** What is wrong with a call's name for its bucket; Envoy's answer tells it on to local-replies.ts. */
type NameFault = 'ambiguous' | 'empty'
const says = (action: 'ALLOW' | 'DENY', name: string): WireObject => ({
  action: extension(name, 'envoy.config.rbac.v3.Action', { name, action }),
})
const refuse = (header: string, match: WireObject, fault: NameFault): WireObject => ({
  predicate: headerPredicate(header, match),
  on_match: says('DENY', fault),
})
/** Holds for the answer to a call that was refused for this. */
export const refusedFor = (fault: NameFault) => `response.code_details == "rbac_access_denied_matched_policy[${fault}]"`

/**
 * Refuses a call whose header for the bucket stands twice or holds a list: Envoy finds the route by the first value and hands
 * all of them on, so that a function could take another bucket than Envoy did. No bucket has a comma in its name, or none.
 */
export const refuseMisnamed = (matchHeader: string): WireObject =>
  extension('envoy.filters.http.rbac', 'envoy.extensions.filters.http.rbac.v3.RBAC', {
    // RBAC's simpler `rules` look at each of several values by itself; a matcher sees them joined.
    matcher: {
      matcher_list: {
        matchers: [refuse(matchHeader, { contains: ',' }, 'ambiguous'), refuse(matchHeader, { exact: '' }, 'empty')],
      },
      on_no_match: says('ALLOW', 'one'),
    },
  })

/**
 * Many function servers make one name of `x-fado-bucket`, `x_fado_bucket` and `x.fado~bucket`, so all of them are FaDO's: in RE2,
 * of the whole name, which Envoy has in small letters.
 */
const ownNames = 'x[^a-z0-9]fado[^a-z0-9].*'
const isOwnName = new RegExp(`^${ownNames}$`)
/** Where the bucket's name waits while these are taken off. */
const keptHeader = 'fado-kept-bucket'

/** Takes FaDO's own headers off a call, but the one that names the bucket. It must name one bucket only. */
export function takeOffOwnHeaders(matchHeader: string): WireObject {
  const own = matchHeader.toLowerCase()
  const set = (key: string, value: string) => ({
    append: { header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
  })
  const takeOff = { remove_on_match: { key_matcher: { safe_regex: { regex: ownNames } } } }
  return {
    name: 'envoy.filters.http.header_mutation',
    typed_config: typedStruct('envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
      mutations: {
        request_mutations: isOwnName.test(own)
          ? [
              { remove: keptHeader },
              set(keptHeader, `%REQ(${own})%`),
              takeOff,
              set(own, `%REQ(${keptHeader})%`),
              { remove: keptHeader },
            ]
          : [takeOff],
      },
    }),
  }
}
