// Whether an Envoy tells of each of its calls, or of a sample: that costs it less where it has many.

/** `sampled`: of one call in `sampledOneIn`, and of each that failed. */
export type Telling = 'all' | 'sampled'

/** One that is told stands for so many. */
export const sampledOneIn = 16

/** Calls a second of one Envoy. Far apart, so that neither noise nor a sample's own error changes it back. */
export type PaceLimits = {
  /** With more it tells of a sample. */
  readonly sampledAbove: number
  /** With fewer it tells of all again. */
  readonly allBelow: number
}

export function nextTelling(telling: Telling, callsPerSecond: number, { sampledAbove, allBelow }: PaceLimits): Telling {
  if (callsPerSecond > sampledAbove) return 'sampled'
  return callsPerSecond < allBelow ? 'all' : telling
}
