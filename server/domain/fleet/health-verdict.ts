// When a probed thing counts as down: three misses in a row; one success brings it back. When most of the fleet fails in
// one round the prober doubts itself instead.

export type ProbeHistory = { readonly misses: number; readonly healthy: boolean }
export type ProbeResult = { readonly ok: boolean; readonly detail: string | null }

const missesUntilDown = 3
const doubtFrom = 5

export const unprobed: ProbeHistory = { misses: 0, healthy: true }

export function afterProbe(history: ProbeHistory, ok: boolean): ProbeHistory {
  if (ok) return { misses: 0, healthy: true }
  const misses = history.misses + 1
  return { misses, healthy: history.healthy && misses < missesUntilDown }
}

/** More than half of at least five failing in one round is more likely our own network. */
export const proberAtFault = (results: readonly ProbeResult[]): boolean =>
  results.length >= doubtFrom && results.filter((result) => !result.ok).length * 2 > results.length
