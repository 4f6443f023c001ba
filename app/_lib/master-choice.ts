// Which store a new bucket's master may lie on.
import type { ClusterPartsFragment } from '../../graphql/generated/operations.ts'
import { zonesAllow } from '../../server/domain/fleet/zones.ts'
import { storesOf } from './fleet-parts.ts'

/**
 * The store that is offered where the user has chosen none, and whether what is chosen lies outside the zones. `zones`:
 * those in force for the bucket; undefined while they are not known, when none is offered.
 */
export function masterChoice(
  clusters: readonly ClusterPartsFragment[],
  zones: readonly string[] | undefined,
  chosen: string | undefined,
): { readonly store: string; readonly outside: boolean } {
  if (zones === undefined) return { store: chosen ?? '', outside: false }
  const allowed = storesOf(clusters.filter((cluster) => zonesAllow(zones, cluster)))
  const store = chosen ?? allowed[0] ?? ''
  return { store, outside: store !== '' && !allowed.includes(store) }
}
