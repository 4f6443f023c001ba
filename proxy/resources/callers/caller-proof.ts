import type { Caller, KnownBy } from '../../../server/domain/callers/caller.ts'
import type { WireObject } from '../wire.ts'

/** What a filter notes of a call, by which a kind of callers is known: as matchers of it. */
export type CallerProof<K extends KnownBy> = {
  /** Of a call that somebody known has signed for. `authority`: whose client certificates count. undefined: there is no such call. */
  readonly isThere: (known: { readonly authority: string | undefined }) => WireObject | undefined
  /** Of the calls of a caller, and of no others. */
  readonly of: (caller: Caller<K>) => WireObject[]
}
