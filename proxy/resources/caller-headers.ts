// What callers may not say: two buckets at once, a bucket in other letters, and anything in FaDO's name.
import { marksOf } from '../../server/domain/http-names.ts'
import { extension, headerPredicate, skipFilter, typedStruct, type WireObject } from './wire.ts'

const refusal = 'ambiguous-bucket'
/** Holds for the answer to a call that `refuseSeveral` refused. */
export const namesSeveral = `response.code_details == "rbac_access_denied_matched_policy[${refusal}]"`

const refuseAll = extension('envoy.filters.http.rbac', 'envoy.extensions.filters.http.rbac.v3.RBAC', {
  matcher: {
    on_no_match: { action: extension(refusal, 'envoy.config.rbac.v3.Action', { name: refusal, action: 'DENY' }) },
  },
})

/**
 * Refuses a call whose header for the bucket stands twice or holds a list: Envoy finds the route by the first value and hands
 * all of them on, so that a function could take another bucket than Envoy did. No bucket has a comma in its name.
 *
 * A matcher sees several values joined; RBAC's own rules look at each by itself. All other calls skip the filter, which costs
 * them half of what RBAC takes to allow one.
 */
export const refuseSeveral = (matchHeader: string): WireObject =>
  extension('fado.one-bucket', 'envoy.extensions.common.matching.v3.ExtensionWithMatcher', {
    extension_config: refuseAll,
    xds_matcher: {
      matcher_list: {
        matchers: [
          { predicate: { not_matcher: headerPredicate(matchHeader, { contains: ',' }) }, on_match: skipFilter },
        ],
      },
    },
  })

/** In RE2: one that is none of these characters. Between two others `-` would mean a range. */
const none = (characters: string) => `[^${characters.replace(/-$/, '\\-')}]`
const letters = 'a-z0-9'

/**
 * RE2 of all texts that differ from this one at one of its first `places`, or end there; where it has no more, also of those that
 * go on. RE2 itself cannot say "all but".
 */
function differing(text: string, places: number): string {
  const [first, ...rest] = text
  if (first === undefined) return '.+'
  const same = places > 1 ? `|${first}${differing(rest.join(''), places - 1)}` : ''
  return `(?:${none(first)}.*${same})?`
}

/** Envoy refuses what compiles to more than 100 instructions (`re2.max_program_size.error_level`). A place takes six. */
const [firstPlaces, morePlaces] = [7, 5]

/**
 * Many function servers make one name of `x-fado-bucket`, `x_fado_bucket` and `x.fado~bucket`, so all of them are FaDO's, but
 * `kept`. Each matches one of these, in RE2, as a whole; Envoy has names in small letters.
 */
export function ownNamesBut(kept: string): readonly string[] {
  const [, before, after, rest] = /^x([^a-z0-9])fado([^a-z0-9])(.*)$/.exec(kept) ?? []
  if (before === undefined || after === undefined || rest === undefined)
    return [`x${none(letters)}fado${none(letters)}.*`]
  const otherBefore = `${none(letters + before)}fado${none(letters)}.*`
  const otherAfter = `${none(letters + after)}.*`
  const first = `x(?:${otherBefore}|${before}fado(?:${otherAfter}|${after}${differing(rest, firstPlaces)}))`
  const more: string[] = []
  for (let at = firstPlaces; at <= rest.length; at += morePlaces)
    more.push(`x${before}fado${after}${rest.slice(0, at)}${differing(rest.slice(at), morePlaces)}`)
  return [first, ...more]
}

/** A mark between letters that is not this one; `:` is none, for Envoy has pseudo-headers. */
const otherMark = (mark = '') => none(`${letters}:${mark}`)

/**
 * CGI and WSGI make one name of `x-data` and `x_data`: a function that goes by its bucket header could be told another bucket
 * than its caller was let in for. In RE2, each matches the names that differ from `kept` in their marks alone, and in this mark
 * first: `x[^a-z0-9:-]data` of `x-data`. None for FaDO's own, of which `ownNamesBut` takes all others.
 */
export function otherSpellings(kept: string): readonly string[] {
  if (/^x[^a-z0-9]fado[^a-z0-9]/.test(kept)) return []
  return marksOf(kept).map(({ mark, at }) => {
    const rest = kept.slice(at + 1)
    return `${kept.slice(0, at)}${otherMark(mark)}${rest.replace(/[-_]/g, otherMark())}`
  })
}

/**
 * Takes FaDO's own headers, and others that pass for the one that names the bucket, off a call. Before Envoy looks for a route,
 * which costs less than a filter does.
 */
export function takeOffMisleading(matchHeader: string): WireObject {
  const kept = matchHeader.toLowerCase()
  return {
    name: 'envoy.http.early_header_mutation.header_mutation',
    typed_config: typedStruct('envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation', {
      mutations: [...ownNamesBut(kept), ...otherSpellings(kept)].map((regex) => ({
        remove_on_match: { key_matcher: { safe_regex: { regex } } },
      })),
    }),
  }
}
