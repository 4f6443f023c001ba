// How many connections a process opens at most: one number for a control plane and its mover together.

/** LISTEN, leadership, locks, and the question whether a silent server is at work. */
const besideControl = 4
/** LISTEN and that question. */
const besideMover = 2

export type ConnectionShare = { readonly max: number; readonly lazyMax: number }

/** The pools' part of half of `total` each. A control plane writes nothing lazily. */
export function connectionShare(role: 'control' | 'mover', total: number): ConnectionShare {
  const half = Math.floor(total / 2)
  if (role === 'control') return { max: total - half - besideControl, lazyMax: 1 }
  const lazyMax = Math.floor((half - besideMover) / 2)
  return { max: half - besideMover - lazyMax, lazyMax }
}
