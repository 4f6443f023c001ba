// What a bucket needs first: a store, and a cluster that has it.
import type { ClusterPartsFragment } from '../../graphql/generated/operations.ts'
import { addStoreHref } from './hrefs.ts'

export type StoreNeed = { readonly why: string; readonly act: string; readonly href: string }

/** Null: there is a store. */
export function storeNeed(
  clusters: readonly Pick<ClusterPartsFragment, 'name' | 'storageDeployments'>[],
): StoreNeed | null {
  if (clusters.some(({ storageDeployments }) => storageDeployments.length > 0)) return null
  const [first, ...others] = clusters
  if (first === undefined)
    return { why: 'There is no cluster yet.', act: 'Add a cluster first', href: '/clusters?add=1' }
  if (others.length > 0) return { why: 'No cluster has a store yet.', act: 'Add a store first', href: '/clusters' }
  return {
    why: `The cluster ${first.name} has no store yet.`,
    act: 'Add a store first',
    href: addStoreHref(first.name),
  }
}
