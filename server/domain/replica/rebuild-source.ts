// From which replica a master is made again. Pure.
import { counted } from '../reason.ts'

export type SourceCandidate = {
  readonly store: string
  readonly wanted: boolean
  readonly complete: boolean
  readonly healthy: boolean
  readonly conflicts: number
  /** Changes that it was known to lack when the master was stopped. */
  readonly lacks: number
}

export type ChosenSource<C> = { readonly chosen: C } | { readonly unsafe: string }

/** Why nothing may be rebuilt from this copy; null: it may. */
function refusal(candidate: SourceCandidate, least: number): string | null {
  const { store, wanted, complete, healthy, conflicts, lacks } = candidate
  if (!wanted) return `the copy on ${store} is being removed`
  if (!complete) return `the copy on ${store} is not complete`
  if (!healthy) return `the store ${store} cannot be used now`
  if (conflicts > 0) return `the copy on ${store} has ${counted(conflicts, 'object')} in conflict: resync it first`
  if (lacks > least) return `the copy on ${store} lacks ${counted(lacks, 'change')}, and another one fewer`
  return null
}

/** `from` null: the best one, which lacks the fewest changes. A named one is refused where another lacks fewer. */
export function chooseSource<C extends SourceCandidate>(
  candidates: readonly C[],
  from: string | null,
): ChosenSource<C> | null {
  const usable = candidates.filter((one) => refusal(one, Number.POSITIVE_INFINITY) === null)
  const least = Math.min(...usable.map(({ lacks }) => lacks))
  if (from !== null) {
    const named = candidates.find(({ store }) => store === from)
    if (named === undefined) return null
    const unsafe = refusal(named, least)
    return unsafe === null ? { chosen: named } : { unsafe }
  }
  const [best] = usable.toSorted((a, b) => a.lacks - b.lacks || (a.store < b.store ? -1 : 1))
  if (best !== undefined) return { chosen: best }
  const why = candidates.map((one) => refusal(one, Number.POSITIVE_INFINITY))
  return { unsafe: why.length === 0 ? 'it has no replica' : why.join('; ') }
}
