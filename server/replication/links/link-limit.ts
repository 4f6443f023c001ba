// The limit of a link as its answers tell it: `domain/links/concurrency.ts`, fed with what the stores at its ends answer.
import {
  type Answers,
  afterOverload,
  afterRound,
  beginConcurrency,
  type Concurrency,
  type ConcurrencyBounds,
  limitOf,
  overloads,
  roundOf,
} from '../../domain/links/concurrency.ts'
import type { Answered } from '../stores/stores.ts'

export type LinkLimit = {
  limit(): number
  /** `isFull`: work waits for a place now. */
  answered(answer: Answered, isFull: boolean): void
  lowered(): Concurrency['lowered']
}

/** `onChange`: the limit is another one. */
export function createLinkLimit(
  bounds: ConcurrencyBounds,
  onChange: () => void,
  now: () => number = () => performance.now(),
): LinkLimit {
  let found = beginConcurrency(bounds, now())
  /** Requests that began before say nothing of the limit as it is. */
  let loweredAt = now()
  let answers = new Map<string, { -readonly [K in keyof Answers]: Answers[K] }>()
  let [count, full] = [0, 0]

  function become(next: Concurrency): void {
    const before = limitOf(found)
    found = next
    answers = new Map()
    count = 0
    full = 0
    if (limitOf(next) < before) loweredAt = now()
    if (limitOf(next) !== before) onChange()
  }
  return {
    limit: () => limitOf(found),
    lowered: () => found.lowered,
    answered({ storageId, method, beganAt, ms, error, isSmall }, isFull) {
      if (beganAt < loweredAt) return
      if (error !== null) {
        const why = overloads.find((kind) => kind === error)
        if (why === undefined) return
        become(afterOverload(found, { why, storageId, at: now() }, bounds))
        loweredAt = now()
        return
      }
      if (!isSmall) return
      const kind = `${storageId} ${method}`
      const known = answers.get(kind)
      if (known === undefined) answers.set(kind, { storageId, count: 1, ms })
      else {
        known.count++
        known.ms += ms
      }
      count++
      if (isFull) full++
      if (count < roundOf(found)) return
      become(afterRound(found, { at: now(), isFull: full > count / 2, answers }, bounds))
    },
  }
}
