/** Stores and our columns round. */
const roundingMs = 2

/**
 * Whether a bucket is the recorded one, by the creation dates that its store tells (milliseconds): two of one name are never
 * made in the same moment. Nothing recorded: it is taken to be.
 */
export const isSameBucket = (createdOn: number, recorded: number | null): boolean =>
  recorded === null || Math.abs(createdOn - recorded) < roundingMs
