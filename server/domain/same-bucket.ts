// Whether a bucket that lies under a name is the one that FaDO recorded. The creation date tells, and where that is another
// one what lies in the bucket: some stores report dates that move, e.g. those of a folder, which change with each object.
// Neither decides alone.

/** Stores and our columns round. */
const roundingMs = 2

/** By the dates alone (milliseconds): two buckets of one name are never made in the same moment. Nothing recorded: it is. */
export const hasRecordedDate = (createdOn: number, recorded: number | null): boolean =>
  recorded === null || Math.abs(createdOn - recorded) < roundingMs

/** A few of the objects that FaDO knows to be in the bucket. */
export type KnownObject = { readonly key: string; readonly etag: string }
export const mostKnown = 16

/** `lastModified`: milliseconds by the store's clock; null where FaDO alone writes. */
export type DatedObject = KnownObject & { readonly lastModified: number | null }

/**
 * Whether what lies under a known object's name speaks for the bucket that FaDO knows. Where dates move they tell nothing, so
 * that an object that was written since then counts as overwritten. `found.lastModified` is in whole seconds.
 */
export function speaksForBucket(
  known: DatedObject,
  found: { readonly etag: string; readonly lastModified: number } | null,
  datesMove: boolean,
): boolean {
  if (found === null) return false
  if (found.etag === known.etag) return true
  return (
    datesMove && known.lastModified !== null && found.lastModified >= Math.floor(known.lastModified / 1_000) * 1_000
  )
}

/**
 * Of a bucket with another date than the recorded one: `moved` when at least half of the known objects that were asked for
 * speak for it, `untold` when none is known.
 */
export function judgeByContent({ asked, found }: { asked: number; found: number }): 'moved' | 'other' | 'untold' {
  if (asked === 0) return 'untold'
  return found * 2 >= asked ? 'moved' : 'other'
}
