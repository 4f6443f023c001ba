// When a part that died is started again. Pure: what happened goes in, the pause comes out.

/** Deaths in a row, each soon after its start. */
export type RestartState = { readonly failures: number }

export const neverFailed: RestartState = { failures: 0 }

/** A part that ran this long had started well: its next death counts as the first. */
export const steadyMs = 10_000
const firstPauseMs = 100
/** A user who kills a part looks for it within a second or two, however often they do so. */
const longestPauseMs = 1_000

/** After a death, or a start that failed (`ranMs` 0): the first restart comes at once, the next ones ever later. */
export function nextRestart(
  state: RestartState,
  ranMs: number,
): { readonly pauseMs: number; readonly state: RestartState } {
  const failures = ranMs >= steadyMs ? 0 : state.failures
  const pauseMs = failures === 0 ? 0 : Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs)
  return { pauseMs, state: { failures: failures + 1 } }
}
