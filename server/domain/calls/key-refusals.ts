// Which platforms refuse FaDO, as calls tell.
import type { CallRow } from './tally.ts'

/** Ids of function deployments. */
export type KeyRefusals = {
  /** They refused some of their calls. */
  readonly refused: readonly string[]
  /** They answered some, and refused none. */
  readonly taken: readonly string[]
}

export function keyRefusals(rows: readonly CallRow[]): KeyRefusals {
  const refused = new Set<string>()
  const answered = new Set<string>()
  for (const { deployment, calls, errors } of rows) {
    if (deployment === null) continue
    if (errors.key > 0) refused.add(deployment)
    // What could not be reached, or was not waited for, tells nothing of the key.
    if (calls > errors.key + errors.platform + errors.gone) answered.add(deployment)
  }
  return { refused: [...refused], taken: [...answered.difference(refused)] }
}
