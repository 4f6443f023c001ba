// The order in which clusters are asked, by the policies that ask them in one (`asksInOrder`).

type Copy = { readonly cluster: string; readonly store: string; readonly role: 'master' | 'replica' }
type Wanted = {
  /** The clusters of a route override. */
  readonly chosen: readonly string[] | null
  /** The policy `replica_locations`: names of stores. */
  readonly locations: readonly string[] | null
}

/**
 * As an override names them; without one the master's, then the others as `replica_locations` names their stores, then those
 * that it does not name, by name. Each cluster once.
 */
export function orderOf(copies: readonly Copy[], { chosen, locations }: Wanted): readonly string[] {
  const place = (names: readonly string[], name: string) => {
    const index = names.indexOf(name)
    return index < 0 ? names.length : index
  }
  const rank = ({ cluster, role, store }: Copy) => {
    if (chosen !== null) return place(chosen, cluster)
    return role === 'master' ? -1 : place(locations ?? [], store)
  }
  const sorted = copies.toSorted((a, b) => rank(a) - rank(b) || (a.cluster < b.cluster ? -1 : 1))
  return [...new Set(sorted.map(({ cluster }) => cluster))]
}
