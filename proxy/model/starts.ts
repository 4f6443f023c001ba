// How a cluster that starts gets more and more of its share.
import { isOver, type Start } from '../../server/domain/route/starts.ts'
import type { Starting } from '../resources/starting.ts'

/** It begins with a tenth: Envoy's own slow start does, too. */
const steps = 5
/**
 * So many routes at most have a slow start at a time; others get all at once. Each step is a change of that bucket for every
 * Envoy: these are 170 in a second with the default of 30 s.
 */
export const mostStarting = 1_000

/** How far a start is; undefined: it is over. `nextAt`: when it goes on. */
export function stepOf(
  start: Start,
  now: number,
  slowStartMs: number,
): { readonly starting: Starting; readonly nextAt: number } | undefined {
  if (isOver(start, now, slowStartMs)) return undefined
  const { others, begunAt } = start
  const stepMs = slowStartMs / steps
  const step = Math.max(0, Math.floor((now - begunAt) / stepMs))
  const percent = (100 / steps) * (step + 0.5)
  return { starting: { others, percent }, nextAt: begunAt + (step + 1) * stepMs }
}
