// Who may call. Filters of the listener note what proves who calls, of tokens (tokens.ts) and client certificates (certificates.ts).
// A guarded route table then has routes only for calls of which that is noted what one of its callers has, and refuses all others.
// So where a filter is missing nobody is let in, and a bucket without the policy has no more to do than before.
import type { Caller, KnownBy } from '../../../server/domain/callers/caller.ts'
import type { WireObject } from '../wire.ts'
import type { CallerProof } from './caller-proof.ts'
import { certificates } from './certificates.ts'
import { tokens } from './tokens.ts'

const kinds: { readonly [K in KnownBy]: CallerProof<K> } = { token: tokens, certificate: certificates }

const proofOf = <K extends KnownBy>(caller: Caller<K>): WireObject[] => kinds[caller.kind].of(caller)

/** That one of these is noted proves who calls. `authority`: whose client certificates do so, too; undefined: nobody's. */
const proofs = (authority: string | undefined): WireObject[] =>
  Object.values(kinds)
    .map(({ isThere }) => isThere({ authority }))
    .filter((one) => one !== undefined)

/** As filters of an answer, one of which holds: the call had a token that somebody known has signed, or such a certificate. */
export const isProven = (authority: string | undefined): WireObject[] =>
  proofs(authority).map((matcher) => ({ metadata_filter: { matcher, match_if_key_not_found: { value: false } } }))

export type Route = WireObject & { readonly match: WireObject }

/**
 * The routes, each for these callers alone. All else is refused: 401 where nothing is proven, asked first, for so it is of every
 * call before the filters have looked at it; else 403.
 */
export const guarded = (
  routes: readonly Route[],
  callers: readonly Caller[],
  authority: string | undefined,
): WireObject[] => [
  {
    match: { prefix: '/', dynamic_metadata: proofs(authority).map((one) => ({ ...one, invert: true })) },
    direct_response: { status: 401 },
  },
  ...callers.flatMap((caller) => {
    const proof = proofOf(caller)
    return routes.map((route) => ({ ...route, match: { ...route.match, dynamic_metadata: proof } }))
  }),
  { match: { prefix: '/' }, direct_response: { status: 403 } },
]
