// Deletes that a comparison of listings suggests. None of them is marked before all were counted: many at once lie more likely
// with the listing than with the user (I10).
import type { FoundKey } from '../../db/queue/dirty-objects.ts'

export type DoomedKeys = {
  add(key: Omit<FoundKey, 'mayDelete'>): void
  /** How many were added. */
  count(): number
  /** The first of them, marked as deletes that may be done; all of them unless `count()` is more than `most`. */
  kept(): readonly FoundKey[]
}

/** Beyond `most` they only count, so that memory stays bounded where the brake holds them anyway. */
export function collectDoomed(most: number): DoomedKeys {
  const kept: FoundKey[] = []
  let count = 0
  return {
    add(key) {
      count++
      if (count <= most) kept.push({ ...key, mayDelete: true })
    },
    count: () => count,
    kept: () => kept,
  }
}
