const slackSeconds = 2
/** Two clocks measure the two times: over weeks they part by more than seconds. */
const slackShare = 0.001

/**
 * Whether another process answers than the one that has run for `knownSeconds`; null: not known. Of several processes behind
 * one address the youngest is the known one, so that asking them in turn looks like no restart.
 */
export const hasRestarted = (uptimeSeconds: number, knownSeconds: number | null): boolean =>
  knownSeconds !== null && uptimeSeconds + slackSeconds + slackShare * knownSeconds < knownSeconds
