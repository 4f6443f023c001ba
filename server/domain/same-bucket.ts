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

/**
 * Of a bucket with another date than the recorded one: `moved` when at least half of the known objects that were asked for are
 * there as they are known, `untold` when none is known.
 */
export function judgeByContent({ asked, found }: { asked: number; found: number }): 'moved' | 'other' | 'untold' {
  if (asked === 0) return 'untold'
  return found * 2 >= asked ? 'moved' : 'other'
}
