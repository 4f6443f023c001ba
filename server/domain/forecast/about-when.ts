// About when a copy that catches up has all that it lacks. Pure.
import type { Observed } from '../replica/replica-state.ts'
import { type Amount, sum } from './amount.ts'
import { type Ahead, secondsUntilDone } from './until-done.ts'

export type CopyAhead = Ahead & {
  readonly wanted: boolean
  readonly observed: Observed
  /** Keys that failed, and others that are looked at later. */
  readonly failed: Amount
  readonly later: Amount & { readonly seconds: number }
}

/**
 * In how many seconds; null: nothing is missing, or it cannot be told (something holds it up, an object fails, nothing passed
 * lately). Of a first copy its progress tells.
 */
export function aboutWhen(copy: CopyAhead, isHeldUp: boolean): number | null {
  const { wanted, observed, due, failed, later, worked, link } = copy
  if (!wanted || observed !== 'complete' || failed.objects > 0 || isHeldUp) return null
  if (sum([due, worked]).objects === 0) return later.objects === 0 ? null : later.seconds
  return link.moving === 0 ? null : secondsUntilDone(copy)
}
