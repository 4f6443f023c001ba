// Whether an Envoy tells of each of its calls, or of a sample: that costs it less where it has many.

/** `sampled`: of one call in `sampledOneIn`, and of each that failed. */
export type Telling = 'all' | 'sampled'

/** One that is told stands for so many. */
export const sampledOneIn = 16

/** Calls a second of one Envoy, over a pace window. Far apart, so that neither noise nor the sample's own error changes it back. */
const [sampledAbove, allBelow] = [500, 200]
/** How long an Envoy's calls are counted for its pace. Shorter than what figures are told of, longer than a burst. */
export const paceSeconds = 5

export function nextTelling(telling: Telling, callsPerSecond: number): Telling {
  if (callsPerSecond > sampledAbove) return 'sampled'
  return callsPerSecond < allBelow ? 'all' : telling
}
