// About when a copy that catches up has all that it lacks. Pure.
import type { Observed } from '../replica/replica-state.ts'
import { type Amount, sum } from './amount.ts'
import { type Ahead, secondsUntilDone } from './until-done.ts'

export type CopyAhead = Ahead & {
  readonly wanted: boolean
  readonly observed: Observed
  /** Of a first copy: all that it is to bring is marked. */
  readonly isCounted: boolean
  /** Keys that failed, and others that are looked at later. */
  readonly failed: Amount
  readonly later: Amount & { readonly seconds: number }
}

/**
 * In how many seconds; null: nothing is missing, or it cannot be told (something holds it up, an object fails, nothing passed
 * lately, a first copy is still being listed).
 */
export function aboutWhen(copy: CopyAhead, isHeldUp: boolean): number | null {
  const { wanted, observed, isCounted, due, failed, later, worked, link } = copy
  const isKnown = observed === 'complete' || (observed === 'syncing' && isCounted)
  if (!wanted || !isKnown || failed.objects > 0 || isHeldUp) return null
  if (sum([due, worked]).objects === 0) return later.objects === 0 ? null : later.seconds
  return link.moving === 0 ? null : secondsUntilDone(copy)
}
