// How old changes were when a copy had them: counted by month in fixed bands, so that the shares below each bound are exact.
import { durationWords } from '../duration-words.ts'
import type { Reason } from '../reason.ts'
import { reasonOf } from '../trouble/say-trouble.ts'
import type { CallFailure, Trouble } from '../trouble/trouble.ts'

/** Seconds. What is older than the last is counted by itself. */
export const ageBounds = [1, 5, 15, 60, 300, 900, 3_600] as const
/** What the console and the commands judge a copy by: one of the bounds. */
export const objectiveSeconds = 15

/**
 * What a change was late for: its last try failed, a whole store was in trouble meanwhile, no mover took it for so long (a pause, a
 * limit, others before it), or the copying itself took that.
 */
export type LateCause =
  | Extract<Trouble, { kind: 'call' | 'store' }>
  | { readonly kind: 'not_taken'; readonly seconds: number }
  | { readonly kind: 'copying'; readonly seconds: number }

export function lateCause(late: {
  readonly ageSeconds: number
  /** Its age when the mover took it that brought it over. */
  readonly waitedSeconds: number
  readonly failure: CallFailure | null
  /** What a store of its link suffered since. */
  readonly trouble: Extract<Trouble, { kind: 'store' }> | null
}): LateCause {
  const { ageSeconds, waitedSeconds, failure, trouble } = late
  if (failure !== null) return { kind: 'call', ...failure }
  if (trouble !== null) return trouble
  const working = ageSeconds - waitedSeconds
  return waitedSeconds > working
    ? { kind: 'not_taken', seconds: waitedSeconds }
    : { kind: 'copying', seconds: Math.max(0, working) }
}

const inSeconds = (seconds: number): string =>
  durationWords(seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds))

export function reasonOfLate(cause: LateCause): Reason {
  switch (cause.kind) {
    case 'call':
    case 'store':
      return reasonOf(cause)
    case 'not_taken':
      return {
        code: 'NOT_TAKEN',
        message: `No mover took it for ${inSeconds(cause.seconds)}: it was held, or waited for its turn`,
      }
    case 'copying':
      return { code: 'COPYING_TOOK', message: `The copying itself took ${inSeconds(cause.seconds)}` }
  }
}

/** Changes that came since they were last written, by band, and the slowest of them. */
export type Arrivals = {
  readonly changes: readonly number[]
  readonly slowest: { readonly seconds: number; readonly key: string; readonly cause: LateCause }
}

export function addArrival(before: Arrivals | null, arrived: Arrivals['slowest']): Arrivals {
  const seconds = Math.max(0, arrived.seconds)
  const bound = ageBounds.findIndex((most) => seconds <= most)
  const band = bound < 0 ? ageBounds.length : bound
  const changes = Array.from(
    { length: ageBounds.length + 1 },
    (_, i) => (before?.changes[i] ?? 0) + (i === band ? 1 : 0),
  )
  const isSlowest = before === null || seconds > before.slowest.seconds
  return { changes, slowest: isSlowest ? { ...arrived, seconds } : before.slowest }
}

/** Two that were counted apart. */
export function joinArrivals(one: Arrivals | null, other: Arrivals | null): Arrivals | null {
  if (one === null || other === null) return one ?? other
  return {
    changes: one.changes.map((count, i) => count + (other.changes[i] ?? 0)),
    slowest: other.slowest.seconds > one.slowest.seconds ? other.slowest : one.slowest,
  }
}

export type Within = { readonly seconds: number; readonly changes: number; readonly share: number }

/** `changes` by band: how many there were, and of these no older than each bound. */
export function withinBounds(changes: readonly number[]): {
  readonly total: number
  readonly within: readonly Within[]
} {
  const total = changes.reduce((sum, count) => sum + count, 0)
  let sum = 0
  return {
    total,
    within: ageBounds.map((seconds, band) => {
      sum += changes[band] ?? 0
      return { seconds, changes: sum, share: total === 0 ? 1 : sum / total }
    }),
  }
}
